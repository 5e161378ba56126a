using System.Runtime.InteropServices;

namespace ManagedSwarm.Transport.Discovery;

/// <summary>Who owns a file, by Linux's <see href="https://man7.org/linux/man-pages/man2/statx.2.html">statx</see>, the same on all its machines.</summary>
internal static partial class UnixOwner
{
    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const uint WantsUid = 0x8;

    /// <summary>This process's user; null: the system does not say.</summary>
    public static uint? Current
    {
        get
        {
            try
            {
                return OperatingSystem.IsWindows() ? null : GetEffectiveUserId();
            }
            catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
            {
                return null;
            }
        }
    }

    /// <summary>The owner of a file or folder itself, links not followed; null: the system does not say.</summary>
    public static uint? Of(string path)
    {
        try
        {
            return OperatingSystem.IsLinux() && StatX(CurrentFolder, path, NoFollow, WantsUid, out var status) == 0 && (status.Mask & WantsUid) != 0
                ? status.Uid
                : null;
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint GetEffectiveUserId();

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int StatX(int folder, string path, int flags, uint mask, out Status status);

    /// <summary>The kernel's <c>struct statx</c>: 256 bytes.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(0)]
        public uint Mask;

        [FieldOffset(20)]
        public uint Uid;
    }
}
