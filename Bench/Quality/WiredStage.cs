using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Bench.Quality;

/// <summary>A stage here whose hidden states come, and go back to the head, as if over a wire.</summary>
/// <param name="stage">Belongs to it.</param>
/// <param name="wire">What hidden states are sent as.</param>
/// <param name="isLast">Whether the head is who comes next.</param>
internal sealed class WiredStage(IStage stage, WireType wire, bool isLast) : IStage
{
    private byte[] _sent = [];

    public LayerRange Layers => stage.Layers;

    public int StepsInFlight => stage.StepsInFlight;

    public async ValueTask<StepBatch> StepAsync(StepBatch batch, CancellationToken cancellationToken)
    {
        Send(batch);
        var result = await stage.StepAsync(batch, cancellationToken);
        if (isLast)
        {
            Send(result);
        }

        return result;
    }

    public ValueTask DisposeAsync() => stage.DisposeAsync();

    private void Send(StepBatch batch)
    {
        var length = (int)HiddenStates.BytesPerToken(wire, batch.HiddenSize) * batch.TokenCount;
        if (_sent.Length < length)
        {
            _sent = new byte[length];
        }

        HiddenStates.Encode(wire, batch.Hidden.Span, batch.HiddenSize, _sent.AsSpan(0, length));
        HiddenStates.Decode(wire, _sent.AsSpan(0, length), batch.HiddenSize, batch.Hidden.Span);
    }
}
