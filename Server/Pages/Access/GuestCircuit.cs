using Microsoft.AspNetCore.Components.Server.Circuits;

namespace ManagedSwarm.Server.Pages.Access;

/// <summary>Keeps a guest's place while the page's connection is lost and may come back: its memory is taken as before.</summary>
internal sealed class GuestCircuit(Visitor visitor, GuestPlaces places) : CircuitHandler
{
    private bool _isKept;

    // Told of a loss, and once more at the end.
    public override async Task OnConnectionDownAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        if (!_isKept && !await visitor.MayEverActAsync())
        {
            _isKept = true;
            places.Keep();
        }
    }

    public override Task OnConnectionUpAsync(Circuit circuit, CancellationToken cancellationToken) => EndAsync();

    public override Task OnCircuitClosedAsync(Circuit circuit, CancellationToken cancellationToken) => EndAsync();

    private Task EndAsync()
    {
        if (_isKept)
        {
            _isKept = false;
            places.GiveBack();
        }

        return Task.CompletedTask;
    }
}
