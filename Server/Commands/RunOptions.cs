using System.Diagnostics.CodeAnalysis;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Server.OpenAi;
using static ManagedSwarm.Server.Commands.OptionSyntax;

namespace ManagedSwarm.Server.Commands;

/// <summary>The table of the options of <c>run</c>.</summary>
internal static class RunOptions
{
    /// <summary>More than any model was trained for, and small enough for the arithmetic of cache sizes.</summary>
    public const int MaxContext = 16 * 1024 * 1024;

    private const int MaxThreads = 1024;

    public static readonly OptionSpec<ListenAddress> Address = new(
        "address", "HOST:PORT", "Where to listen; ':8080' and '0.0.0.0:8080' mean every address of this machine, port 0 any free port.",
        ListenAddress.Expected, "127.0.0.1:8080", ListenAddress.TryParse);

    public static readonly OptionSpec<int> Context = new(
        "context", "N", "Tokens of context per sequence; 0: what the model's file says, at most 4096.",
        $"a whole number from 0 to {MaxContext}", "0", Whole(0, MaxContext));

    public static readonly OptionSpec<int> Threads = new(
        "threads", "N", "Threads that compute; 0: one per core.",
        $"a whole number from 0 to {MaxThreads}", "0", Whole(0, MaxThreads));

    public static readonly OptionSpec<DeviceKind> Device = Choice(
        "device", "What computes: managed kernels on the CPU, a GPU by libtorch, or libtorch on the CPU.", "cpu",
        ("cpu", DeviceKind.Cpu), ("cuda", DeviceKind.Cuda), ("torch-cpu", DeviceKind.TorchCpu));

    public static readonly OptionSpec<KernelKind> Kernels = Choice(
        "kernels", "Which managed kernels: int8 arithmetic on repacked weights, or f32 arithmetic on dequantized rows.", "fast",
        ("fast", KernelKind.Fast), ("reference", KernelKind.Reference));

    public static readonly OptionSpec<KvType> Kv = Choice(
        "kv", "How keys and values are kept.", "f16", ("f16", KvType.F16), ("f32", KvType.F32), ("q8_0", KvType.Q8_0));

    public static readonly OptionSpec<bool> PrefixCache = Choice(
        "prefix-cache", "Whether what requests have computed is kept for those that begin alike, as long as nobody needs the room.", "on",
        ("on", true), ("off", false));

    public static readonly OptionSpec<ApiKey> ApiKeys = new(
        "api-key", "KEY", "A key that clients must send as 'Authorization: Bearer KEY'; none: no key is asked for.",
        "visible ASCII characters without spaces or commas", null, TryParseKey)
    {
        Repeatable = true,
        Secret = true,
    };

    public static readonly OptionSpec<string> ModelName = new(
        "model-name", "NAME", "The model's id in the API; without it, the file's name without .gguf.",
        ExpectedName, null, TryParseName)
    {
        Aliases = ["alias"],
    };

    public static readonly OptionSpec<string> ChatTemplateFile = new(
        "chat-template-file", "FILE", "A chat template (Jinja) instead of the model's own.", "the path of a text file", null, TryParsePath);

    public static readonly OptionSpec<string> ModelsDir = new(
        "models-dir", "DIR",
        "A folder whose GGUF files can be loaded while the program runs, on the page 'Models' or by /api/models; without it, the folder of the model.",
        "the path of a folder", null, TryParsePath)
    {
        Aliases = ["models-path"],
        ForeignVariables = [new("LOCALAI_MODELS_PATH"), new("MODELS_PATH")],
        Repeatable = true,
    };

    public static readonly OptionSpec<bool> UiPublic = new(
        "ui-public", "",
        "Shows the pages to other machines, too, where no key is set; the token and what changes this node stay with this machine.",
        "'on' or 'off'", null, TryParseSwitch)
    {
        IsFlag = true,
    };

    public static readonly OptionSpec<LogLevel> Log = Choice(
        "log-level", "How much is logged to standard error.", "warning",
        ("error", LogLevel.Error), ("warning", LogLevel.Warning), ("information", LogLevel.Information), ("debug", LogLevel.Debug));

    /// <summary>Those that only <c>run</c> has, in the order of the help.</summary>
    public static readonly IReadOnlyList<OptionSpec> Own =
        [Address, Context, Threads, Device, Kernels, Kv, PrefixCache, ApiKeys, UiPublic, ModelName, ModelsDir, ChatTemplateFile, Log];

    /// <summary>All of them, in the order of the help.</summary>
    public static readonly IReadOnlyList<OptionSpec> All = [.. Own, .. SplitOptions.Run, .. FederationOptions.Run, .. SwarmCommandOptions.All];

    internal static bool TryParseKey(string text, [MaybeNullWhen(false)] out ApiKey value)
    {
        value = text.Length > 0 && text.All(c => c is > ' ' and <= '~' and not ',') ? new ApiKey(text) : null;
        return value is not null;
    }
}
