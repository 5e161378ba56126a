namespace ManagedSwarm.Server.Federation;

/// <summary>
/// FNV-1a of 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/), with the last step of MurmurHash3, so that every bit of the input changes
/// half of the result's. The same in every process and on every machine, as routers side by side need it; not for secrets.
/// </summary>
internal static class StableHash
{
    /// <summary>What a hash of bytes begins with.</summary>
    public const ulong Start = 14695981039346656037;

    private const ulong Prime = 1099511628211;

    /// <summary>The hash of bytes, mixed.</summary>
    public static ulong Of(ReadOnlySpan<byte> bytes) => Mix(Add(Start, bytes));

    /// <summary>Goes on with bytes; what comes of it is to be mixed before it is used.</summary>
    public static ulong Add(ulong state, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            state = (state ^ value) * Prime;
        }

        return state;
    }

    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 33)) * 0xff51afd7ed558ccd;
        value = (value ^ (value >> 33)) * 0xc4ceb9fe1a85ec53;
        return value ^ (value >> 33);
    }

    /// <summary>The hash of two.</summary>
    public static ulong Combine(ulong one, ulong other) => Mix(one ^ (other * Prime));
}
