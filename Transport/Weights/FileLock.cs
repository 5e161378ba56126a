namespace ManagedSwarm.Transport.Weights;

/// <summary>Tells a file that somebody else has locked from one that cannot be used.</summary>
internal static class FileLock
{
    // EWOULDBLOCK of Linux and of macOS, which flock ends with; ERROR_SHARING_VIOLATION of Windows.
    private const int LinuxWouldBlock = 11;
    private const int MacWouldBlock = 35;
    private const int WindowsSharingViolation = unchecked((int)0x80070020);

    public static bool IsHeldBySomebody(Exception exception) =>
        exception is IOException { HResult: LinuxWouldBlock or MacWouldBlock or WindowsSharingViolation };
}
