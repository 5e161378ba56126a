using System.Text;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Runtime;

/// <summary>A text in the making, which cannot grow past the limits of its rendering.</summary>
internal sealed class TextBuffer(RenderState state)
{
    private readonly StringBuilder _text = new();

    public int Length => _text.Length;

    public TextBuffer Append(ReadOnlySpan<char> text)
    {
        Pay(text.Length);
        _text.Append(text);
        return this;
    }

    public TextBuffer Append(char c)
    {
        Pay(1);
        _text.Append(c);
        return this;
    }

    public TextBuffer Append(char c, long count)
    {
        if (count > 0)
        {
            Pay(count);
            _text.Append(c, (int)count);
        }

        return this;
    }

    public override string ToString() => _text.ToString();

    public StringValue ToValue(bool isMarkup = false) => new(_text.ToString(), isMarkup);

    private void Pay(long characters)
    {
        state.CheckLength(_text.Length + characters);
        state.Make((int)characters);
    }
}
