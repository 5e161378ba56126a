using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using ManagedSwarm.Engine.Templates.Runtime;

namespace ManagedSwarm.Engine.Templates.Values;

/// <summary>A request's JSON as values, as Python's <c>json</c> reads it: numbers without point or exponent are integers.</summary>
internal static class JsonValues
{
    /// <exception cref="TemplateFault">The JSON has a name twice in one object, an unpaired surrogate, or a number that is too long.</exception>
    public static Value From(JsonNode? node, RenderState state)
    {
        state.Step();
        RenderState.CheckStack();
        return node switch
        {
            null => NoneValue.Instance,
            JsonArray array => new ListValue([.. array.Select(item => From(item, state))]),
            JsonObject members => FromObject(members, state),
            _ => FromScalar(node.AsValue(), state),
        };
    }

    private static DictValue FromObject(JsonObject members, RenderState state)
    {
        var dict = new DictValue(state);
        try
        {
            foreach (var (name, value) in members)
            {
                dict.Set(new StringValue(name), From(value, state));
            }
        }
        catch (ArgumentException error)
        {
            // Objects are read lazily: what System.Text.Json thinks of a repeated name, it only says now.
            throw new TemplateFault($"the messages or tools are not valid JSON: {error.Message}");
        }

        return dict;
    }

    private static Value FromScalar(JsonValue value, RenderState state)
    {
        switch (value.GetValueKind())
        {
            case JsonValueKind.String:
                return state.Text(Text(value));
            case JsonValueKind.True or JsonValueKind.False:
                return BoolValue.Of(value.GetValue<bool>());
            case JsonValueKind.Number:
                return Number(value);
            default:
                return NoneValue.Instance;
        }
    }

    private static string Text(JsonValue value)
    {
        try
        {
            return value.GetValue<string>();
        }
        catch (InvalidOperationException error)
        {
            throw new TemplateFault($"the messages or tools are not valid JSON: {error.Message}");
        }
    }

    private static Value Number(JsonValue value)
    {
        // A CLR double keeps its type where its text would not: 1.0 is written as 1.
        if (value.GetValue<object>() is double or float)
        {
            return new FloatValue(ToDouble(value.ToJsonString()));
        }

        var text = value.ToJsonString();
        if (text.AsSpan().ContainsAny(".eE"))
        {
            return new FloatValue(ToDouble(text));
        }

        return text.Length <= IntValue.MaxDigits
            ? new IntValue(BigInteger.Parse(text, CultureInfo.InvariantCulture))
            : throw new TemplateFault($"a number in the messages or tools has more than {IntValue.MaxDigits} digits");
    }

    private static double ToDouble(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
}
