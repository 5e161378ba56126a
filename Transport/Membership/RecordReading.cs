using System.Buffers;
using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Transport.Membership;

/// <summary>Reads the values of a record, each held against what it may be.</summary>
internal static class RecordReading
{
    /// <summary>Reads an element of a list.</summary>
    public delegate T ElementReader<T>(ref FrameDecoder decoder);

    /// <summary>Reads the head of an array that may have grown in later versions.</summary>
    /// <returns>How many elements it has.</returns>
    public static int RequireElements(ref FrameDecoder decoder, string name, int known)
    {
        var found = decoder.ReadArrayLength(name);
        return found >= known ? found : throw RecordErrors.Invalid($"{name} has {found} elements; expected are at least {known}");
    }

    /// <summary>Passes over what a later version has added.</summary>
    public static void SkipLater(ref FrameDecoder decoder, int count)
    {
        for (; count > 0; count--)
        {
            decoder.Skip("a later version's element");
        }
    }

    /// <param name="allowed">Elements.</param>
    public static T[] ReadList<T>(ref FrameDecoder decoder, string name, int allowed, ElementReader<T> read)
    {
        var list = new T[Capped(name, decoder.ReadArrayLength(name), allowed, "elements")];
        for (var i = 0; i < list.Length; i++)
        {
            list[i] = read(ref decoder);
        }

        return list;
    }

    public static long ReadInRange(ref FrameDecoder decoder, string name, long least, long most)
    {
        var found = decoder.ReadInt64(name);
        return found >= least && found <= most
            ? found
            : throw RecordErrors.Invalid($"{name} is {found}; allowed are {least} to {most}");
    }

    /// <summary>Reads a count of something: not negative.</summary>
    public static int ReadCount(ref FrameDecoder decoder, string name) => (int)ReadInRange(ref decoder, name, 0, int.MaxValue);

    /// <summary>Reads text that is shown to people: it must not draw on their terminals.</summary>
    /// <param name="allowed">Bytes of UTF-8.</param>
    public static string ReadText(ref FrameDecoder decoder, string name, int allowed)
    {
        var text = decoder.ReadString(name);
        return !ShownText.Fits(text, allowed)
            ? throw RecordErrors.Invalid($"{name} has {text.Length} characters; allowed are {allowed} bytes of UTF-8, none of them a control character")
            : text;
    }

    /// <param name="allowed">Bytes.</param>
    public static byte[] ReadBinary(ref FrameDecoder decoder, string name, int allowed)
    {
        var bytes = decoder.ReadBinary(name);
        Capped(name, (int)bytes.Length, allowed, "bytes");
        return bytes.ToArray();
    }

    private static int Capped(string name, int found, int allowed, string unit) => found <= allowed
        ? found
        : throw RecordErrors.Invalid($"{name}: {found} {unit}; allowed are {allowed}");
}
