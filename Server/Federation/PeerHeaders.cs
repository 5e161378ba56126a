namespace ManagedSwarm.Server.Federation;

/// <summary>Headers between members, and those that tell clients who has answered.</summary>
internal static class PeerHeaders
{
    /// <summary>An answer's: LocalAI's header for what its machine was given as a tag.</summary>
    public const string MachineTag = "Machine-Tag";

    /// <summary>An answer's: the id of the node that has made it.</summary>
    public const string Node = "X-ManagedSwarm-Node";

    /// <summary>A member's request's: <c>1</c> asks for the ids of a stream's tokens, beside their text.</summary>
    public const string WantsTokens = "X-ManagedSwarm-Tokens";

    /// <summary>A member's answer's: what its chunks have in common, to be handed to whoever goes on with it.</summary>
    public const string Reply = "X-ManagedSwarm-Reply";
}
