namespace ManagedSwarm.Server.Commands;

/// <summary>The command line, or an environment variable, asks for something that does not exist: one line, exit code 2.</summary>
internal sealed class UsageException(string message) : Exception(message);
