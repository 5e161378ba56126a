using System.Text.Json.Nodes;
using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Templates;

namespace ManagedSwarm.Tests.Engine.Templates;

/// <summary>Short ways to render, for tests.</summary>
internal static class Rendering
{
    /// <param name="context">JSON.</param>
    public static string Render(string template, string context = "{}") => ChatTemplate.Parse(template).Render(JsonNode.Parse(context)!.AsObject());

    /// <summary>The message of the error that parsing or rendering ends with.</summary>
    public static string Fail(string template, string context = "{}") => Fail(() => Render(template, context));

    public static string Fail(Func<string> render)
    {
        var error = Assert.Throws<EngineException>(render);
        Assert.Equal("chat_template", error.Code);
        Assert.DoesNotContain('\n', error.Message);
        return error.Message;
    }

    /// <summary>The rendering, or null if it ends with the error that it may end with.</summary>
    public static string? TryRender(string template, JsonObject context)
    {
        try
        {
            return ChatTemplate.Parse(template).Render(context);
        }
        catch (EngineException error)
        {
            Assert.Equal("chat_template", error.Code);
            return null;
        }
    }
}
