using System.Text.Json.Nodes;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Tests.Transport.Libp2p.Interop;

/// <summary>A peer of ours and a js peer that are connected.</summary>
internal sealed class Meeting : IAsyncDisposable
{
    private Meeting(JsPeer js, OurPeer ours, ISession session) => (Js, Ours, Session) = (js, ours, session);

    public JsPeer Js { get; }

    public OurPeer Ours { get; }

    /// <summary>Ours with the js peer.</summary>
    public ISession Session { get; }

    /// <param name="peers">The class's.</param>
    /// <param name="js">How the js peer works; ours has the same keys.</param>
    /// <param name="jsDials">Whether the js peer dials.</param>
    public static async Task<Meeting> StartAsync(JsPeers peers, JsPeerOptions js, bool jsDials) =>
        await StartAsync(await peers.GetAsync(js), await OurPeer.StartAsync(js), jsDials);

    /// <param name="jsPeer">One that runs.</param>
    /// <param name="ours">Becomes the meeting's.</param>
    /// <param name="jsDials">Whether the js peer dials.</param>
    public static async Task<Meeting> StartAsync(JsPeer jsPeer, OurPeer ours, bool jsDials)
    {
        try
        {
            return new(jsPeer, ours, await ConnectAsync(jsPeer, ours, jsDials));
        }
        catch
        {
            await ours.DisposeAsync();
            throw;
        }
    }

    /// <summary>Tells the js peer to do something with ours.</summary>
    /// <exception cref="JsError">It could not.</exception>
    public Task<JsonNode> TellJsAsync(string command, JsonObject? parameters = null)
    {
        parameters ??= [];
        parameters["peer"] = Ours.Peer.PeerId.ToString();
        return Js.DoAsync(command, parameters);
    }

    public ValueTask DisposeAsync() => Ours.DisposeAsync();

    private static async Task<ISession> ConnectAsync(JsPeer js, OurPeer ours, bool jsDials)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        if (!jsDials)
        {
            return await ours.Peer.DialAsync(js.Address, cancellationToken);
        }

        var connected = new TaskCompletionSource<ISession>(TaskCreationOptions.RunContinuationsAsynchronously);
        ours.Peer.Connected += connected.SetResult;
        await js.DoAsync("dial", new() { ["address"] = ours.Address.ToString() });
        return await connected.Task.WaitAsync(JsPeer.EventTimeout, cancellationToken);
    }
}
