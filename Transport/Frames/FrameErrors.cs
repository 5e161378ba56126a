namespace ManagedSwarm.Transport.Frames;

/// <summary>The errors of frames, in one place so that each code has one wording.</summary>
internal static class FrameErrors
{
    public static SwarmException Invalid(string what, Exception? innerException = null) =>
        new("invalid_frame", $"invalid frame: {what}", innerException);

    public static SwarmException TooLarge(string name, long found, long allowed) =>
        new("frame_too_large", $"{name} has a length of {found}; allowed is {allowed}");

    public static SwarmException Truncated(string found, string expected) =>
        new("truncated_frame", $"the stream ends within a frame: found are {found} of {expected}");
}
