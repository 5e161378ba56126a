using System.Runtime.Intrinsics;

namespace ManagedSwarm.Transport.Libp2p.PrivateNetwork;

/// <summary>A vector of 32-bit words in quarters of four, one quarter for each of some blocks.</summary>
/// <typeparam name="TSelf">The vector.</typeparam>
internal interface ISalsaLanes<TSelf>
    where TSelf : struct, ISalsaLanes<TSelf>
{
    /// <summary>Quarters of the vector, and so blocks that are under way in it.</summary>
    static abstract int Blocks { get; }

    /// <summary>The same four words in each quarter.</summary>
    static abstract TSelf Repeat(Vector128<uint> words);

    /// <summary>The numbers of blocks that follow each other: the low half in word 0 of a block's quarter, the high half in word 1.</summary>
    static abstract TSelf Number(ulong first);

    /// <summary>In each quarter word 0 of the first, word 1 of the second and so on.</summary>
    static abstract TSelf Pick(TSelf word0, TSelf word1, TSelf word2, TSelf word3);

    static abstract TSelf RotateLeft(TSelf value, int bits);

    /// <summary>Moves the words of each quarter down by one place; word 0 becomes the last.</summary>
    static abstract TSelf Turn1(TSelf value);

    /// <summary>By two places.</summary>
    static abstract TSelf Turn2(TSelf value);

    /// <summary>By three places.</summary>
    static abstract TSelf Turn3(TSelf value);

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator ^(TSelf left, TSelf right);

    static abstract TSelf operator &(TSelf left, TSelf right);

    /// <summary>XORs each quarter, 16 bytes, to the same row of its block.</summary>
    /// <param name="value">Rows of blocks.</param>
    /// <param name="data">The first block's row; those of the others are 64 bytes apart.</param>
    static abstract void Xor(TSelf value, ref byte data);
}
