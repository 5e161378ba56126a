using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Server.Serving;

namespace ManagedSwarm.Server.Commands;

/// <summary>All that a command sees of the process that it runs in.</summary>
internal sealed record CommandContext
{
    /// <summary>Standard input, for the commands that are told to read it: to open it changes a terminal's settings.</summary>
    public Func<TextReader> OpenInput { get; init; } = () => TextReader.Null;

    /// <summary>Standard input as bytes; belongs to whoever opens it.</summary>
    public Func<Stream> OpenInputBytes { get; init; } = () => Stream.Null;

    public required TextWriter Output { get; init; }

    /// <summary>Standard output as bytes, for a command that prints nothing else; belongs to whoever opens it.</summary>
    public Func<Stream> OpenOutputBytes { get; init; } = () => Stream.Null;

    public required TextWriter Error { get; init; }

    /// <summary>Whether <see cref="Error"/> is a terminal, where lines can be drawn over.</summary>
    public required bool IsTerminal { get; init; }

    /// <summary>Reads an environment variable; null where it is not set.</summary>
    public required Func<string, string?> Environment { get; init; }

    public required LoadModel LoadModel { get; init; }

    public required StartSwarm StartSwarm { get; init; }

    public IdentifyModel IdentifyModel { get; init; } = IdentifiedModel.ComputeAsync;

    public NodeFolders Folders { get; init; } = NodeFolders.OfUser();

    /// <summary>Cancelled by Ctrl-C or SIGTERM.</summary>
    public required CancellationToken Terminated { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <inheritdoc cref="SwarmSetup.MeasureBandwidth"/>
    public Func<long>? MeasureBandwidth { get; init; }

    /// <summary>Bytes that a model may take.</summary>
    public long MemoryLimit { get; init; } = new ModelOptions().MemoryLimit;
}
