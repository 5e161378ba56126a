using System.Globalization;
using System.Numerics;
using ManagedSwarm.Engine.Templates.Runtime;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Builtins;

/// <summary>The <c>attribute</c> of filters: names and indices with dots between, several with commas for <c>sort</c>, or a number.</summary>
internal static class AttributePath
{
    /// <param name="attribute">None: the value itself.</param>
    /// <param name="ignoresCase">Whether texts are compared in lower case.</param>
    /// <param name="fallback">Instead of what does not exist.</param>
    public static Func<Value, Value> Getter(Value? attribute, RenderState state, bool ignoresCase = false, Value? fallback = null)
    {
        var parts = Parts(attribute);
        return item =>
        {
            foreach (var part in parts)
            {
                item = Lookup.Item(item, part, state);
                item = fallback is not null && item is UndefinedValue ? fallback : item;
            }

            return ignoresCase && item is StringValue text ? new StringValue(Casing.Lower(text.Text)) : item;
        };
    }

    /// <summary>For sorting by several attributes: the key is a list.</summary>
    public static Func<Value, Value> ListGetter(Value? attributes, RenderState state, bool ignoresCase)
    {
        Value?[] paths = attributes is StringValue several ? [.. several.Text.Split(',').Select(path => new StringValue(path))] : [attributes];
        var getters = Array.ConvertAll(paths, path => Getter(path, state, ignoresCase));
        return item => new ListValue(Array.ConvertAll(getters, getter => getter(item)));
    }

    private static Value[] Parts(Value? attribute) => attribute switch
    {
        null or NoneValue => [],
        StringValue path => [.. path.Text.Split('.').Select(Part)],
        _ => [attribute],
    };

    private static Value Part(string name) => name.Length is > 0 and < 10 && name.All(char.IsAsciiDigit)
        ? new IntValue(BigInteger.Parse(name, CultureInfo.InvariantCulture))
        : new StringValue(name);
}
