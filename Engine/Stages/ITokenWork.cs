namespace ManagedSwarm.Engine.Stages;

/// <summary>Work on the tokens of a step, each by itself.</summary>
internal interface ITokenWork
{
    /// <summary>Does some tokens, any of them from any thread.</summary>
    void Run(int first, int count);
}
