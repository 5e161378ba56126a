namespace ManagedSwarm.Tests.Transport.Libp2p.Interop;

/// <summary>What the js peer could not do.</summary>
/// <param name="name">The error's name, for example <c>StreamResetError</c>.</param>
/// <param name="message">What it says.</param>
internal sealed class JsError(string name, string message) : Exception($"{name}: {message}")
{
    public string Name { get; } = name;
}
