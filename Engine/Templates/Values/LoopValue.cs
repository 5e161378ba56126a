using ManagedSwarm.Engine.Templates.Builtins;
using ManagedSwarm.Engine.Templates.Runtime;

namespace ManagedSwarm.Engine.Templates.Values;

/// <summary>
/// <c>loop</c>, and the loop's iterator. It reads ahead by one element only when asked for <c>last</c> or <c>nextitem</c>, and reads to the end
/// only when asked for the length of something that has none.
/// </summary>
/// <param name="items">The elements.</param>
/// <param name="length">How many there are, if that is known.</param>
/// <param name="depth">How deep a recursive loop is, from 0.</param>
/// <param name="recurse">Renders the loop's body for other elements; null if the loop is not recursive.</param>
internal sealed class LoopValue(IEnumerable<Value> items, int? length, int depth, Func<Value, int, Value>? recurse) : Value
{
    private readonly IEnumerator<Value> _items = items.GetEnumerator();
    private readonly Queue<Value> _ahead = new();
    private int _index = -1;
    private int? _length = length;
    private Value? _previous;
    private TupleValue? _lastChanged;

    public override string TypeName => "LoopContext";

    public override bool IsTrue => true;

    public override bool IsCallable => true;

    public override IReadOnlyDictionary<string, Builtin> Methods => Globals.LoopMethods;

    public Value? Current { get; private set; }

    public bool MoveNext()
    {
        if (!ReadAhead())
        {
            return false;
        }

        _previous = Current;
        Current = _ahead.Dequeue();
        _index++;
        return true;
    }

    public override Value? Attribute(string name) => name switch
    {
        "index" => Number(_index + 1),
        "index0" => Number(_index),
        "first" => BoolValue.Of(_index == 0),
        "last" => BoolValue.Of(!ReadAhead()),
        "length" => Number(CountAll()),
        "revindex" => Number(CountAll() - _index),
        "revindex0" => Number(CountAll() - _index - 1),
        "previtem" => _index == 0 ? new UndefinedValue("there is no previous item") : _previous,
        "nextitem" => ReadAhead() ? _ahead.Peek() : new UndefinedValue("there is no next item"),
        "depth" => Number(depth + 1),
        "depth0" => Number(depth),
        _ => null,
    };

    public Value Cycle(IReadOnlyList<Value> values) => values.Count > 0
        ? values[_index % values.Count]
        : throw TemplateFault.Type("no items for cycling given");

    public bool Changed(TupleValue values, RenderState state)
    {
        var hasChanged = _lastChanged is null || !Equality.AreEqual(_lastChanged, values, state);
        _lastChanged = values;
        return hasChanged;
    }

    public override Value Call(Arguments arguments, RenderState state)
    {
        if (recurse is null)
        {
            throw TemplateFault.Type("the loop must have the 'recursive' marker to be called recursively");
        }

        return arguments.Positional.Count == 1 && arguments.Keywords.Count == 0
            ? recurse(arguments.Positional[0], depth + 1)
            : throw TemplateFault.Type("loop() takes exactly one argument");
    }

    public override void WriteRepr(TextBuffer output, RenderState state) => output.Append($"<LoopContext {_index + 1}/{CountAll()}>");

    private static IntValue Number(int number) => new(number);

    private bool ReadAhead()
    {
        if (_ahead.Count == 0 && _items.MoveNext())
        {
            _ahead.Enqueue(_items.Current);
        }

        return _ahead.Count > 0;
    }

    private int CountAll()
    {
        if (_length is null)
        {
            while (_items.MoveNext())
            {
                _ahead.Enqueue(_items.Current);
            }

            _length = _index + 1 + _ahead.Count;
        }

        return _length.Value;
    }
}
