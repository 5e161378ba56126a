using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Builtins;

/// <summary><c>map</c>, <c>select</c> and their kin: filters that apply another filter or test, named by a text, to each element.</summary>
internal static class SelectionFilters
{
    public static IEnumerable<Builtin> All()
    {
        yield return new Builtin("map", "value, *, **", call => new IteratorValue("generator", Map(call)));
        yield return Selection("select", isSelected: true, byAttribute: false);
        yield return Selection("reject", isSelected: false, byAttribute: false);
        yield return Selection("selectattr", isSelected: true, byAttribute: true);
        yield return Selection("rejectattr", isSelected: false, byAttribute: true);
    }

    private static Builtin Selection(string name, bool isSelected, bool byAttribute) => new(name, "value, *, **", call =>
        new IteratorValue("generator", Select(call, isSelected, byAttribute)));

    /// <summary>Lazy, as in Jinja: a fault comes when the elements are read.</summary>
    private static IEnumerable<Value> Map(Call call)
    {
        if (!call[0].IsTrue)
        {
            yield break;
        }

        var change = Mapping(call);
        foreach (var item in call.State.Iterate(call[0]))
        {
            yield return change(item);
        }
    }

    private static Func<Value, Value> Mapping(Call call)
    {
        if (call.Rest.Positional.Count > 0)
        {
            var filter = Filters.Find(call.TextOf(call.Rest.Positional[0]));
            var arguments = call.Rest.Skip(1);
            return item => filter.Invoke(call.State, item, arguments);
        }

        var attribute = call.Rest.Keyword("attribute") ?? throw new TemplateFault("FilterArgumentError: map requires a filter argument");
        foreach (var (name, _) in call.Rest.Keywords)
        {
            if (name is not ("attribute" or "default"))
            {
                throw new TemplateFault($"FilterArgumentError: unexpected keyword argument '{name}'");
            }
        }

        var fallback = call.Rest.Keyword("default");
        return AttributePath.Getter(attribute, call.State, fallback: fallback is NoneValue ? null : fallback);
    }

    private static IEnumerable<Value> Select(Call call, bool isSelected, bool byAttribute)
    {
        if (!call[0].IsTrue)
        {
            yield break;
        }

        var test = Condition(call, byAttribute);
        foreach (var item in call.State.Iterate(call[0]))
        {
            if (test(item) == isSelected)
            {
                yield return item;
            }
        }
    }

    private static Func<Value, bool> Condition(Call call, bool byAttribute)
    {
        var arguments = call.Rest;
        Func<Value, Value> get = item => item;
        if (byAttribute)
        {
            get = arguments.Positional.Count > 0
                ? AttributePath.Getter(arguments.Positional[0], call.State)
                : throw new TemplateFault("FilterArgumentError: missing parameter for attribute name");
            arguments = arguments.Skip(1);
        }

        if (arguments.Positional.Count == 0)
        {
            return item => get(item).IsTrue;
        }

        var test = Tests.Find(call.TextOf(arguments.Positional[0]));
        var others = arguments.Skip(1);
        return item => test.Invoke(call.State, get(item), others).IsTrue;
    }
}
