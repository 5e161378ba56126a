namespace ManagedSwarm.Server.Hosting;

/// <summary>Why the server cannot start: one line, exit code 1.</summary>
internal sealed class StartException(string message, Exception? innerException = null) : Exception(message, innerException);
