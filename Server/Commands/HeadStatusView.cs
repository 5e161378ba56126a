using ManagedSwarm.Server.P2p.Heads;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.Commands;

/// <summary>Shows how far a model is that is spread over the swarm: a line for each new state, and one now and then. Safe for use by many threads.</summary>
/// <param name="context">Where to write.</param>
internal sealed class HeadStatusView(CommandContext context)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private (HeadState State, string? Node, string? Reason)? _last;
    private long _shown;

    /// <summary>Shows a line of its own.</summary>
    public void Say(string line)
    {
        lock (_gate)
        {
            context.Error.WriteLine(ShownText.Fit(line));
        }
    }

    public void Show(HeadStatus status)
    {
        lock (_gate)
        {
            var key = (status.State, status.Node, status.State == HeadState.Waiting ? status.Message : null);
            if (key == _last && context.Time.GetElapsedTime(_shown) < Interval)
            {
                return;
            }

            (_last, _shown) = (key, context.Time.GetTimestamp());
            if (status.State != HeadState.Ready)
            {
                context.Error.WriteLine(status.State == HeadState.Waiting ? $"Waiting: {status.Message}" : status.Message);
            }
        }
    }
}
