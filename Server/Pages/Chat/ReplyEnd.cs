namespace ManagedSwarm.Server.Pages.Chat;

/// <summary>Why a reply is over.</summary>
public enum ReplyEnd
{
    /// <summary>The model was at its end.</summary>
    Stop = 0,

    /// <summary>It has as many tokens as were asked for, or as fit.</summary>
    Length = 1,

    /// <summary>Who reads it has stopped it.</summary>
    Stopped = 2,

    /// <summary>The API has said why.</summary>
    Failed = 3,
}
