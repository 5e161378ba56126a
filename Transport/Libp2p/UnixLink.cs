using System.Runtime.InteropServices;

namespace ManagedSwarm.Transport.Libp2p;

/// <summary>A second name of a file, by <see href="https://pubs.opengroup.org/onlinepubs/9699919799/functions/link.html">link</see>.</summary>
internal static partial class UnixLink
{
    private const int AlreadyExists = 17;

    /// <summary>Gives a file a second name, unless that name is taken, in one step.</summary>
    /// <returns>Whether there is a file of that name now, this one or another; false: the file system knows no links.</returns>
    public static bool TryCreate(string file, string name)
    {
        try
        {
            return Link(file, name) == 0 || Marshal.GetLastPInvokeError() == AlreadyExists;
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string file, string name);
}
