namespace ManagedSwarm.ModelsTest.Stories;

/// <summary>What a thing is good for when there is trouble.</summary>
public enum ThingUse
{
    Light,
    Sound,
    Carry,
    Warm,
    Mend,
    Show,
    Play,
}
