using System.Diagnostics.CodeAnalysis;

namespace ManagedSwarm.Engine.Templates;

/// <summary>
/// Something a template got wrong, in the words of Python's exceptions. It never leaves this folder: <see cref="ChatTemplate"/> adds the line
/// and makes an <see cref="EngineException"/> of it.
/// </summary>
internal sealed class TemplateFault : Exception
{
    public TemplateFault(string message, int? line = null)
        : base(message) => Line = line;

    /// <summary>Where, if whoever threw it knew better than the renderer.</summary>
    public int? Line { get; }

    /// <summary>An operation on a value of the wrong type.</summary>
    public static TemplateFault Type(string message) => new($"TypeError: {message}");

    /// <summary>A value of the right type that cannot be used.</summary>
    public static TemplateFault Value(string message) => new($"ValueError: {message}");

    /// <summary>One of <see cref="TemplateLimits"/> was reached.</summary>
    [DoesNotReturn]
    public static void ThrowLimit(string what, long allowed) => throw new TemplateFault($"{what}: more than the {allowed} allowed");
}
