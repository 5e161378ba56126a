using System.Net.NetworkInformation;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Diagnostics.Doctor;

/// <summary>How a doctor looks.</summary>
public sealed record SwarmDoctorOptions
{
    /// <summary>Addresses that are tried; more are left out.</summary>
    public int Addresses { get; init; } = 64;

    /// <summary>Addresses that are tried at once.</summary>
    public int Dials { get; init; } = 8;

    /// <summary>For a TCP connection, for its handshakes, and for each answer.</summary>
    public TimeSpan StepTimeout { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>For a peer to dial this machine back.</summary>
    public TimeSpan DialBackTimeout { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>How long a stranger has to say what it is.</summary>
    public TimeSpan KnockTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Where to listen to be dialed back, where no node runs on this machine; null: not at all.</summary>
    public Multiaddress? Listen { get; init; } = Multiaddress.Parse("/ip4/0.0.0.0/tcp/0");

    /// <summary>Whether a network interface can be used for mDNS.</summary>
    public Func<bool> HasMulticast { get; init; } = FindMulticast;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    private static bool FindMulticast() => NetworkInterface.GetAllNetworkInterfaces().Any(network =>
        network.OperationalStatus == OperationalStatus.Up
        && network.SupportsMulticast
        && network.NetworkInterfaceType != NetworkInterfaceType.Loopback);
}
