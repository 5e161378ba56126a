using System.Collections.Frozen;

namespace ManagedSwarm.Engine.Templates.Builtins;

/// <summary>
/// Jinja's filters. Missing on purpose: <c>random</c> (a rendering must be repeatable), <c>urlize</c>, <c>wordwrap</c> and <c>pprint</c> (no chat
/// template has them).
/// </summary>
internal static class Filters
{
    private static readonly FrozenDictionary<string, Builtin> All =
        Builtin.Table([.. TextFilters.All(), .. MarkupFilters.All(), .. ValueFilters.All(), .. SequenceFilters.All(), .. SelectionFilters.All()]);

    public static Builtin Find(string name) =>
        All.TryGetValue(name, out var filter) ? filter : throw new TemplateFault($"TemplateRuntimeError: no filter named '{name}'");

    public static bool Exists(string name) => All.ContainsKey(name);
}
