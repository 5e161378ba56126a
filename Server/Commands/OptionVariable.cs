namespace ManagedSwarm.Server.Commands;

/// <summary>An environment variable that gives an option's value.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsOpposite">Whether it says by <c>true</c> what the option says by <c>off</c>.</param>
internal sealed record OptionVariable(string Name, bool IsOpposite = false)
{
    /// <summary>Its text as the option's.</summary>
    public string Translate(string text) =>
        IsOpposite && OptionSyntax.TryParseSwitch(text, out var isOn) ? OptionSyntax.SwitchText(!isOn) : text;

    public override string ToString() => IsOpposite ? $"{Name} (the opposite)" : Name;
}
