namespace ManagedSwarm.Tests.Transport;

/// <summary>Damages inputs as wires, people and attackers do; the same seed gives the same damage.</summary>
internal sealed class Mutation(int seed)
{
    private static readonly byte[] NastyBytes = [0x00, 0x01, 0x7F, 0x80, 0x81, 0xFE, 0xFF];

    private static readonly string[] NastyTexts =
        ["", "/", "//", "0", "-1", "65536", "99999999999999999999", "%", "\0", "\n", "é", "\uD800", ":", "=", "/p2p/", "mswarm1:", "mswarm2:"];

    private readonly Random _random = new(seed);

    /// <summary>The original with one to three changes.</summary>
    public byte[] Of(byte[] original)
    {
        var bytes = new List<byte>(original);
        for (var i = _random.Next(1, 4); i > 0; i--)
        {
            var at = _random.Next(bytes.Count + 1);
            switch (_random.Next(6))
            {
                case 0:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 1:
                    bytes.InsertRange(at, RandomBytes(_random.Next(1, 12)));
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(_random.Next(1, 4), bytes.Count - at));
                    break;
                case 3 when at < bytes.Count:
                    bytes[at] = NastyBytes[_random.Next(NastyBytes.Length)];
                    break;
                case 4 when at < bytes.Count:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(_random.Next(1, 9), bytes.Count - at)));
                    break;
                default:
                    if (at < bytes.Count)
                    {
                        bytes[at] ^= (byte)(1 << _random.Next(8));
                    }

                    break;
            }
        }

        return [.. bytes];
    }

    /// <summary>The original with one to three changes.</summary>
    public string Of(string original)
    {
        var text = original;
        for (var i = _random.Next(1, 4); i > 0; i--)
        {
            var at = _random.Next(text.Length + 1);
            var end = Math.Min(text.Length, at + _random.Next(1, 6));
            text = _random.Next(5) switch
            {
                0 => text[..at],
                1 => text[..at] + NastyTexts[_random.Next(NastyTexts.Length)] + text[at..],
                2 => text[..at] + text[end..],
                3 => text[..end] + text[at..],
                _ => text[..at] + (char)_random.Next(' ', 0x80) + text[end..],
            };
        }

        return text;
    }

    public T Pick<T>(IReadOnlyList<T> choices) => choices[_random.Next(choices.Count)];

    public byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }
}
