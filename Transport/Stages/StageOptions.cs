using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedSwarm.Transport.Stages;

/// <summary>How a node takes part in plans, as a head and as a worker.</summary>
public sealed record StageOptions
{
    /// <summary>For a connection, a stream and both sides' greetings.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For what both sides say at a stream's beginning, once it is open; an offer with a long manifest is part of it.</summary>
    public TimeSpan Handshake { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>From a step's start until its result comes, at most; also for steps that come again behind a loss.</summary>
    public TimeSpan Step { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The same, at least: in between, a step may take <see cref="StepPatience"/> times what steps like it have taken.</summary>
    public TimeSpan StepLeast { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many times its measured time a step may take.</summary>
    public double StepPatience { get; init; } = 20;

    /// <summary>How long a worker may load without a word of how far it is.</summary>
    public TimeSpan LoadSilence { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>From when all stages are ready until all streams between them are open.</summary>
    public TimeSpan Linking { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long keys and values may be on their way from stage to stage, while steps wait; behind it, they are computed anew.</summary>
    public TimeSpan Moving { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long layers that were lost may be nobody's before their steps fail; zero: they fail at once.</summary>
    public TimeSpan Recovery { get; init; }

    /// <summary>Between two signs of life on a control stream, at most.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>A side that is silent for so long is lost.</summary>
    public TimeSpan HeartbeatLimit { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>A worker that computes, and is silent for so long, is asked whether it lives.</summary>
    public TimeSpan Suspicion { get; init; } = TimeSpan.FromMilliseconds(600);

    /// <summary>How long its answer may take.</summary>
    public TimeSpan Probe { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>Between two reports of a load's progress, at least.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>So soon behind one step the next one is expected: the node is in use until then.</summary>
    public TimeSpan StepsFollow { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the last words of a stream may take.</summary>
    public TimeSpan Close { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Streams of stages whose greetings are under way at once; one more is reset.</summary>
    public int Greetings { get; init; } = 64;

    /// <summary>The clock of all waits.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Makes the meter; null: nobody does, it is made here.</summary>
    public IMeterFactory? Meters { get; init; }
}
