using System.Collections.Frozen;
using ManagedSwarm.Engine.Templates.Runtime;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Builtins;

/// <summary>A filter, test, function or method, with its parameters as Python would declare them.</summary>
internal sealed class Builtin
{
    /// <summary>No methods.</summary>
    public static readonly FrozenDictionary<string, Builtin> None = FrozenDictionary<string, Builtin>.Empty;

    private readonly string[] _parameters;
    private readonly int _required;
    private readonly bool _isPositionalOnly;
    private readonly bool _takesRest;
    private readonly bool _takesKeywords;
    private readonly Func<Call, Value> _body;

    /// <param name="name">Its name in templates.</param>
    /// <param name="parameters">
    /// Names with commas between; <c>=</c> after one that may be left out; then <c>*</c> for more positional arguments, <c>**</c> for any
    /// keywords, <c>/</c> for no keywords at all.
    /// </param>
    public Builtin(string name, string parameters, Func<Call, Value> body)
    {
        var all = parameters.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var named = all.Where(parameter => parameter is not ("*" or "**" or "/")).ToArray();
        Name = name;
        _parameters = [.. named.Select(parameter => parameter.TrimEnd('='))];
        _required = named.Count(parameter => !parameter.EndsWith('='));
        _isPositionalOnly = all.Contains("/");
        _takesRest = all.Contains("*");
        _takesKeywords = all.Contains("**");
        _body = body;
    }

    public string Name { get; }

    public static FrozenDictionary<string, Builtin> Table(params IEnumerable<Builtin> builtins) =>
        builtins.ToFrozenDictionary(builtin => builtin.Name, StringComparer.Ordinal);

    /// <param name="receiver">The value a filter, test or method is applied to: the first argument.</param>
    public Value Invoke(RenderState state, Value? receiver, Arguments arguments)
    {
        if (receiver is StringValue text)
        {
            state.Scan(text.Text.Length);
        }

        var slots = new Value?[_parameters.Length];
        var rest = BindPositional(slots, receiver, arguments.Positional);
        var keywords = BindKeywords(slots, arguments.Keywords);
        var missing = Array.IndexOf(slots, null, 0, _required);
        return missing < 0
            ? _body(new Call(this, state, slots, new Arguments(rest, keywords)))
            : throw TemplateFault.Type($"{Name}() missing required argument '{_parameters[missing]}'");
    }

    private List<Value> BindPositional(Value?[] slots, Value? receiver, IReadOnlyList<Value> positional)
    {
        var rest = new List<Value>();
        var given = receiver is null ? positional : positional.Prepend(receiver);
        var at = 0;
        foreach (var value in given)
        {
            if (at < slots.Length)
            {
                slots[at++] = value;
            }
            else
            {
                rest.Add(value);
            }
        }

        return rest.Count == 0 || _takesRest
            ? rest
            : throw TemplateFault.Type($"{Name}() takes at most {slots.Length} arguments ({slots.Length + rest.Count} given)");
    }

    private List<KeyValuePair<string, Value>> BindKeywords(Value?[] slots, IReadOnlyList<KeyValuePair<string, Value>> keywords)
    {
        var others = new List<KeyValuePair<string, Value>>();
        foreach (var (name, value) in keywords)
        {
            var at = _isPositionalOnly ? -1 : Array.IndexOf(_parameters, name);
            if (at < 0 && !_takesKeywords)
            {
                throw TemplateFault.Type(_isPositionalOnly ? $"{Name}() takes no keyword arguments" : $"{Name}() got an unexpected keyword argument '{name}'");
            }

            if (at < 0)
            {
                others.Add(KeyValuePair.Create(name, value));
            }
            else if (slots[at] is null)
            {
                slots[at] = value;
            }
            else
            {
                throw TemplateFault.Type($"{Name}() got multiple values for argument '{name}'");
            }
        }

        return others;
    }
}
