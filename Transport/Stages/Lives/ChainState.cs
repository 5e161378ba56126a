namespace ManagedSwarm.Transport.Stages.Lives;

/// <summary>How far a chain is. Where a stage is lost, it begins anew with those that are left, in another epoch.</summary>
internal enum ChainState
{
    /// <summary>Some of its stages load, or their layers are nobody's.</summary>
    Loading = 0,

    /// <summary>Its stages take their places.</summary>
    Preparing = 1,

    /// <summary>The streams between them are opened.</summary>
    Linking = 2,

    /// <summary>Steps go through.</summary>
    Running = 3,

    /// <summary>Nothing more will come of it.</summary>
    Over = 4,

    /// <summary>No step is under way: stages that give layers away ready themselves to be read from.</summary>
    Giving = 5,
}
