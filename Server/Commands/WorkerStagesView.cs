using System.Threading.Channels;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Server.P2p.Workers;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.Commands;

/// <summary>Shows at a worker what it does for others: lines for what comes and goes, and now and then one for how far a load is.</summary>
internal sealed class WorkerStagesView : IAsyncDisposable
{
    private readonly SwarmService _swarm;
    private readonly CommandContext _context;
    private readonly HeldStagesLog _log;
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Task _showing;

    /// <summary>Shows from now on.</summary>
    /// <param name="swarm">Whose stages.</param>
    /// <param name="context">Where to write.</param>
    public WorkerStagesView(SwarmService swarm, CommandContext context)
    {
        (_swarm, _context) = (swarm, context);
        _log = new(NameOf);
        swarm.StagesChanged += OnChanged;
        _showing = ShowAsync();
    }

    /// <summary>Says what is left to say.</summary>
    public async ValueTask DisposeAsync()
    {
        _swarm.StagesChanged -= OnChanged;
        _changes.Writer.TryComplete();
        await _showing;
        Show();
    }

    private void OnChanged() => _changes.Writer.TryWrite(true);

    private async Task ShowAsync()
    {
        var start = _context.Time.GetTimestamp();
        await foreach (var _ in _changes.Reader.ReadAllAsync(CancellationToken.None))
        {
            Show(_context.Time.GetElapsedTime(start));
        }
    }

    private void Show(TimeSpan now = default)
    {
        foreach (var line in _log.Update(_swarm.Stages?.Host?.Stages ?? [], now))
        {
            (line.IsProgress ? _context.Error : _context.Output).WriteLine(ShownText.Fit(line.Text));
        }
    }

    private string NameOf(PeerId id) =>
        _swarm.Current?.Members.FirstOrDefault(member => member.Id == id)?.Facts.Name ?? id.ToString();
}
