using System.Runtime.CompilerServices;
using System.Text;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Runtime;

/// <summary>What one rendering shares: where it writes, which line it is on, and how much of <see cref="TemplateLimits"/> it has used.</summary>
internal sealed class RenderState
{
    private const int CharactersPerStep = 64;
    private readonly TemplateLimits _limits;
    private long _steps;
    private long _text;
    private int _depth;

    public RenderState(TemplateLimits limits, TimeProvider time)
    {
        _limits = limits;
        Time = time;
        Keys = new KeyComparer(this);
        Output = new TextBuffer(this);
    }

    public TimeProvider Time { get; }

    /// <summary>How dictionaries of this rendering compare their keys.</summary>
    public KeyComparer Keys { get; }

    /// <summary>Where text goes now: the result, or a block that is being captured.</summary>
    public TextBuffer Output { get; set; }

    /// <summary>The line of the node that is being evaluated.</summary>
    public int Line { get; set; }

    /// <summary>Begins the evaluation of a node. Faults leave without <see cref="Leave"/>: they end the rendering.</summary>
    public void Enter(int line)
    {
        Line = line;
        Step();
        if (++_depth > _limits.MaxDepth)
        {
            TemplateFault.ThrowLimit("nested evaluations (a macro that calls itself?)", _limits.MaxDepth);
        }

        CheckStack();
    }

    public void Leave(int line)
    {
        Line = line;
        _depth--;
    }

    /// <summary>Pays for work: one node, one element, a few dozen characters.</summary>
    public void Step(long count = 1)
    {
        _steps += count;
        if (_steps > _limits.MaxSteps)
        {
            TemplateFault.ThrowLimit("steps", _limits.MaxSteps);
        }
    }

    /// <summary>Pays for looking through a text.</summary>
    public void Scan(int characters) => Step(characters / CharactersPerStep);

    /// <summary>Pays for text that is made.</summary>
    public void Make(int characters)
    {
        _text += characters;
        if (_text > _limits.MaxText)
        {
            TemplateFault.ThrowLimit("characters made while rendering", _limits.MaxText);
        }

        Scan(characters);
    }

    /// <summary>A text that was made from others of about the same length.</summary>
    public StringValue Text(string text, bool isMarkup = false)
    {
        Make(text.Length);
        return text.Length == 0 && !isMarkup ? StringValue.Empty : new StringValue(text, isMarkup);
    }

    /// <summary>Two texts together.</summary>
    public StringValue Text(string left, string right)
    {
        CheckLength((long)left.Length + right.Length);
        return Text(left + right);
    }

    /// <summary>A text so many times.</summary>
    public StringValue Repeat(StringValue text, int times)
    {
        CheckLength((long)text.Text.Length * times);
        return Text(new StringBuilder().Insert(0, text.Text, text.Text.Length == 0 ? 0 : times).ToString(), text.IsMarkup);
    }

    /// <summary>Faults if no text may be as long as this.</summary>
    public void CheckLength(long characters)
    {
        if (characters > _limits.MaxOutput)
        {
            TemplateFault.ThrowLimit("characters of one text", _limits.MaxOutput);
        }
    }

    /// <summary>For everything that walks nested values or nodes: a fault instead of the process's end.</summary>
    public static void CheckStack()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new TemplateFault("RecursionError: values or expressions are nested too deeply");
        }
    }

    /// <summary>Python's <c>iter()</c>; pays for each element.</summary>
    public IEnumerable<Value> Iterate(Value value)
    {
        var elements = value.Elements ?? throw TemplateFault.Type($"'{value.TypeName}' object is not iterable");
        return Counted(elements);
    }

    /// <summary>Python's <c>list()</c>.</summary>
    public List<Value> ToList(Value value) => [.. Iterate(value)];

    /// <summary>Generators can be made of generators, so that one step here is many deep.</summary>
    private bool MoveNext(IEnumerator<Value> enumerator)
    {
        CheckStack();
        Step();
        return enumerator.MoveNext();
    }

    private IEnumerable<Value> Counted(IEnumerable<Value> elements)
    {
        using var enumerator = elements.GetEnumerator();
        while (MoveNext(enumerator))
        {
            yield return enumerator.Current;
        }
    }
}
