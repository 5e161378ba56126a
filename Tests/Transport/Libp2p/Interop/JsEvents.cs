using System.Text.Json.Nodes;

namespace ManagedSwarm.Tests.Transport.Libp2p.Interop;

/// <summary>What has happened at a peer and was not yet asked for. Safe for use by many threads.</summary>
internal sealed class JsEvents
{
    private readonly Lock _gate = new();
    private readonly List<JsonNode> _events = [];
    private readonly List<(Predicate<JsonNode> Match, TaskCompletionSource<JsonNode> Result)> _waiters = [];
    private Exception? _failure;

    public void Add(JsonNode message)
    {
        lock (_gate)
        {
            var index = _waiters.FindIndex(waiter => waiter.Match(message));
            if (index < 0)
            {
                _events.Add(message);
                return;
            }

            _waiters[index].Result.SetResult(message);
            _waiters.RemoveAt(index);
        }
    }

    /// <summary>Takes the first event that matches, now or when it comes.</summary>
    public Task<JsonNode> TakeAsync(Predicate<JsonNode> match)
    {
        lock (_gate)
        {
            var index = _events.FindIndex(match);
            if (index >= 0)
            {
                var message = _events[index];
                _events.RemoveAt(index);
                return Task.FromResult(message);
            }

            var result = new TaskCompletionSource<JsonNode>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_failure is null)
            {
                _waiters.Add((match, result));
            }
            else
            {
                result.SetException(_failure);
            }

            return result.Task;
        }
    }

    /// <summary>No more will come.</summary>
    public void Fail(Exception failure)
    {
        lock (_gate)
        {
            _failure = failure;
            _waiters.ForEach(waiter => waiter.Result.SetException(failure));
            _waiters.Clear();
        }
    }

    /// <summary>Those that nobody has taken.</summary>
    public override string ToString()
    {
        lock (_gate)
        {
            return string.Join('\n', _events.Select(message => message.ToJsonString()));
        }
    }
}
