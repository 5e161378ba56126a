namespace ManagedSwarm.Tests.Transport.Libp2p;

/// <summary>Damages messages, the same way for the same seed.</summary>
internal static class Mutation
{
    private static readonly byte[] NastyBytes = [0, 1, 2, 0x7f, 0x80, 0x81, 0xfe, 0xff];

    /// <summary>A copy with one to three damages: cut, removed, repeated, overwritten or flipped bytes.</summary>
    public static byte[] Apply(ReadOnlySpan<byte> original, Random random)
    {
        var bytes = original.ToArray();
        for (var count = random.Next(1, 4); count > 0 && bytes.Length > 1; count--)
        {
            bytes = ApplyOnce(bytes, random);
        }

        return bytes;
    }

    private static byte[] ApplyOnce(byte[] bytes, Random random)
    {
        var (place, other) = (random.Next(bytes.Length), random.Next(bytes.Length));
        var length = random.Next(1, 1 + Math.Min(64, bytes.Length - Math.Max(place, other)));
        switch (random.Next(6))
        {
            case 0:
                return bytes[..place];
            case 1:
                return [.. bytes[..place], .. bytes[(place + length)..]];
            case 2:
                return [.. bytes[..place], .. bytes.AsSpan(other, length), .. bytes[place..]];
            case 3:
                bytes.AsSpan(other, length).CopyTo(bytes.AsSpan(place));
                return bytes;
            case 4:
                bytes[place] ^= (byte)(1 << random.Next(8));
                return bytes;
            default:
                bytes[place] = NastyBytes[random.Next(NastyBytes.Length)];
                return bytes;
        }
    }
}
