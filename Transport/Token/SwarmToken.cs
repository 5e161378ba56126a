using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Token;

/// <summary>
/// The secret that joins machines to a swarm, and where to find it. Who has it can reach every member. It prints as <c>mswarm1:***</c>;
/// only <see cref="Reveal"/> tells it.
/// </summary>
public sealed class SwarmToken : IEquatable<SwarmToken>
{
    private readonly byte[] _networkId;
    private readonly byte[] _root;

    internal SwarmToken(byte[] networkId, byte[] root) => (_networkId, _root) = (networkId, root);

    /// <summary>Which network it is for: 32 hex digits. No secret.</summary>
    public string NetworkId => Convert.ToHexStringLower(_networkId);

    /// <summary>Which of the network's roots it has: each time that members are shut out, a new root and the next number.</summary>
    public uint Epoch { get; internal init; }

    /// <summary>How the swarm works.</summary>
    public SwarmTokenFlags Flags { get; internal init; }

    /// <summary>Where members may be found.</summary>
    public IReadOnlyList<Multiaddress> Bootstrap { get; internal init; } = [];

    /// <summary>
    /// The part of the network that it is used for: who uses another part, or none, has other keys and cannot connect. No part of the
    /// token's text. Null: none.
    /// </summary>
    public string? Subnetwork { get; private init; }

    /// <summary>What else it holds, by ascending tag. This version uses none of it.</summary>
    public IReadOnlyList<SwarmTokenField> Fields { get; internal init; } = [];

    /// <summary>The version of its format.</summary>
    public int Version { get; } = TokenFormat.Version;

    internal ReadOnlySpan<byte> NetworkIdBytes => _networkId;

    internal ReadOnlySpan<byte> Root => _root;

    /// <summary>A token of a new network that nobody can guess.</summary>
    /// <param name="bootstrap">Where members may be found, at most 16; null: nowhere.</param>
    /// <param name="flags">How the swarm works.</param>
    /// <exception cref="SwarmException"><c>invalid_token</c>: too many or too long addresses.</exception>
    public static SwarmToken Generate(IReadOnlyList<Multiaddress>? bootstrap = null, SwarmTokenFlags flags = SwarmTokenFlags.None) =>
        Create(RandomNumberGenerator.GetBytes(TokenFormat.NetworkIdBytes), RandomNumberGenerator.GetBytes(TokenFormat.RootBytes), bootstrap, flags);

    /// <summary>
    /// The token of a phrase: the same phrase and name give the same network on all machines. It is as secret as the phrase is hard to
    /// guess. Takes about a second and 256 MiB.
    /// </summary>
    /// <param name="passphrase">12 to 1024 characters.</param>
    /// <param name="networkName">1 to 128 characters; no secret.</param>
    /// <param name="bootstrap">Where members may be found, at most 16; null: nowhere.</param>
    /// <param name="flags">How the swarm works.</param>
    /// <exception cref="SwarmException"><c>invalid_passphrase</c>, <c>invalid_network_name</c>, <c>invalid_token</c></exception>
    public static SwarmToken FromPassphrase(
        string passphrase, string networkName, IReadOnlyList<Multiaddress>? bootstrap = null, SwarmTokenFlags flags = SwarmTokenFlags.None)
    {
        var networkId = PassphraseRoot.NetworkIdOf(networkName);
        return Create(networkId, PassphraseRoot.Derive(passphrase, networkId), bootstrap, flags);
    }

    /// <summary>Parses a token's text.</summary>
    /// <exception cref="SwarmException"><c>invalid_token</c>; the message never quotes the text.</exception>
    public static SwarmToken Parse(string text)
    {
        var bytes = TokenText.Decode(text);
        try
        {
            return TokenFormat.Read(bytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <inheritdoc cref="Parse"/>
    /// <returns>False: it is none that this program can use.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out SwarmToken? token)
    {
        try
        {
            token = text is null ? null : Parse(text);
        }
        catch (SwarmException)
        {
            token = null;
        }

        return token is not null;
    }

    /// <summary>The same token, used for a part of the network that is closed to all others, even to those who have the token.</summary>
    /// <param name="name">1 to 128 characters; null: no part.</param>
    /// <exception cref="SwarmException"><c>invalid_network_name</c></exception>
    public SwarmToken InSubnetwork(string? name)
    {
        if (name is not null)
        {
            PassphraseRoot.CheckName(name);
        }

        return Copy(name, Bootstrap);
    }

    /// <summary>The same token with other addresses where members may be found.</summary>
    /// <exception cref="SwarmException"><c>invalid_token</c>: too many or too long addresses.</exception>
    public SwarmToken WithBootstrap(IReadOnlyList<Multiaddress> bootstrap)
    {
        var token = Copy(Subnetwork, [.. bootstrap.Distinct()]);
        CryptographicOperations.ZeroMemory(TokenFormat.Write(token));
        return token;
    }

    /// <summary>The token's text: a secret.</summary>
    public string Reveal()
    {
        var bytes = TokenFormat.Write(this);
        var text = TokenText.Encode(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return text;
    }

    /// <summary>Whether both have the same root. The time tells nothing about either.</summary>
    public bool HasSameRoot(SwarmToken other) => CryptographicOperations.FixedTimeEquals(_root, other._root);

    /// <summary>Whether both are the same in everything. The time tells nothing about their roots.</summary>
    public bool Equals(SwarmToken? other)
    {
        if (other is null || Subnetwork != other.Subnetwork)
        {
            return false;
        }

        var (mine, others) = (TokenFormat.Write(this), TokenFormat.Write(other));
        var equal = CryptographicOperations.FixedTimeEquals(mine, others);
        CryptographicOperations.ZeroMemory(mine);
        CryptographicOperations.ZeroMemory(others);
        return equal;
    }

    public override bool Equals(object? obj) => Equals(obj as SwarmToken);

    public override int GetHashCode() => HashCode.Combine(BinaryPrimitives.ReadInt64LittleEndian(_networkId), Epoch);

    public override string ToString() => TokenText.Prefix + "***";

    internal static SwarmException Invalid(string why) => new("invalid_token", $"the swarm token cannot be used: {why}");

    private SwarmToken Copy(string? subnetwork, IReadOnlyList<Multiaddress> bootstrap) => new(_networkId, _root)
    {
        Epoch = Epoch,
        Flags = Flags,
        Bootstrap = bootstrap,
        Subnetwork = subnetwork,
        Fields = Fields,
    };

    private static SwarmToken Create(byte[] networkId, byte[] root, IReadOnlyList<Multiaddress>? bootstrap, SwarmTokenFlags flags)
    {
        var token = new SwarmToken(networkId, root) { Flags = flags, Bootstrap = [.. (bootstrap ?? []).Distinct()] };
        CryptographicOperations.ZeroMemory(TokenFormat.Write(token));
        return token;
    }
}
