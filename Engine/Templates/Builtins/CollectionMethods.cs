using System.Collections.Frozen;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Builtins;

/// <summary>The methods of lists, tuples and dictionaries that do not change them.</summary>
internal static class CollectionMethods
{
    public static readonly FrozenDictionary<string, Builtin> Tuple = Builtin.Table(
        new Builtin("count", "self, value, /", Count),
        new Builtin("index", "self, value, start=, stop=, /", Index));

    public static readonly FrozenDictionary<string, Builtin> List = Builtin.Table([.. Tuple.Values, new Builtin("copy", "self, /", call => call[0])]);

    public static readonly FrozenDictionary<string, Builtin> Dict = Builtin.Table(
        new Builtin("get", "self, key, default=, /", call => ((DictValue)call[0]).Find(call[1]) ?? call.Given(2) ?? NoneValue.Instance),
        new Builtin("keys", "self, /", call => new DictViewValue("dict_keys", (DictValue)call[0], entry => entry.Key)),
        new Builtin("values", "self, /", call => new DictViewValue("dict_values", (DictValue)call[0], entry => entry.Value)),
        new Builtin("items", "self, /", call => new DictViewValue("dict_items", (DictValue)call[0], Pair)),
        new Builtin("copy", "self, /", call => call[0]));

    public static Value Pair(KeyValuePair<Value, Value> entry) => new TupleValue([entry.Key, entry.Value]);

    private static IntValue Count(Call call) =>
        Call.Number(call.State.Iterate(call[0]).Count(item => Equality.AreEqual(item, call[1], call.State)));

    private static IntValue Index(Call call)
    {
        var items = ((SequenceValue)call[0]).Items;
        var bounds = SliceBounds.Resolve(call.Given(2) ?? NoneValue.Instance, call.Given(3) ?? NoneValue.Instance, NoneValue.Instance, items.Count);
        for (var i = bounds.Start; i < bounds.Start + bounds.Count; i++)
        {
            if (Equality.AreEqual(items[i], call[1], call.State))
            {
                return Call.Number(i);
            }
        }

        throw TemplateFault.Value("the value is not in the list");
    }
}
