namespace ManagedSwarm.Transport.Token;

/// <summary>Tags that are set aside for what this version does not use yet; none may be given another meaning.</summary>
public static class SwarmTokenTag
{
    /// <summary>The Ed25519 public key of who admits members: 32 bytes.</summary>
    public const int AdminKey = 1;

    /// <summary>A code that admits its bearer once.</summary>
    public const int Invite = 2;

    /// <summary>A certificate that lets its owner admit members.</summary>
    public const int Certificate = 3;

    /// <summary>What its bearer may be: coordinator, worker, relay, ...</summary>
    public const int Roles = 4;
}
