using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Stages.Lives;

namespace ManagedSwarm.Tests.Transport.Stages.Lives;

public sealed class StepGateTests
{
    private readonly StepGate _gate = new(epoch: 2);

    [Fact]
    public void Accepts_growing_steps_of_its_epoch_until_it_is_closed()
    {
        _gate.Accept(-5, 2);
        _gate.Accept(7, 2);
        Assert.Equal("step_order", Refused(7, 2));
        Assert.Equal("step_order", Refused(6, 2));
        Assert.Equal("wrong_epoch", Refused(8, 1));
        _gate.Accept(8, 2);
        _gate.Close();
        Assert.Equal("plan_over", Refused(9, 2));
    }

    [Fact]
    public void Remembers_cancellations_that_come_before_their_steps_and_forgets_those_that_come_behind()
    {
        _gate.Cancel(4);
        _gate.Cancel(6);
        Assert.True(_gate.IsCancelled(4));
        _gate.Done(5);
        _gate.Cancel(5);
        Assert.Equal((false, false, true), (_gate.IsCancelled(4), _gate.IsCancelled(5), _gate.IsCancelled(6)));
    }

    [Fact]
    public void Remembers_no_more_than_it_may()
    {
        for (var step = 0; step < 10_000; step++)
        {
            _gate.Cancel(step);
        }

        Assert.Equal(StepGate.MaxCancelled, _gate.CancelledCount);
        Assert.True(_gate.IsCancelled(9_999));
    }

    private string Refused(long step, int epoch) => Assert.Throws<SwarmException>(() => _gate.Accept(step, epoch)).Code;
}
