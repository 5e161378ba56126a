using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Builtins;

/// <summary>What a template passes in a call.</summary>
internal sealed record Arguments(IReadOnlyList<Value> Positional, IReadOnlyList<KeyValuePair<string, Value>> Keywords)
{
    public static readonly Arguments None = new([], []);

    /// <summary>The arguments after the first few.</summary>
    public Arguments Skip(int count) => new([.. Positional.Skip(count)], Keywords);

    public Value? Keyword(string name)
    {
        foreach (var (key, value) in Keywords)
        {
            if (key == name)
            {
                return value;
            }
        }

        return null;
    }
}
