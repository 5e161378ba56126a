using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Gguf;
using ManagedSwarm.Server.Diagnostics;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.Commands;

/// <summary><c>run</c>: one model on one machine, behind OpenAI's API.</summary>
internal static class RunCommand
{
    // The small model that ships, beside the program.
    private static string DefaultModel => Path.Combine(AppContext.BaseDirectory, "models", "tales.gguf");

    /// <summary>Serves until it is asked to stop.</summary>
    /// <returns>The exit code: 0 after a clean end, 130 when it was interrupted before it served.</returns>
    /// <exception cref="UsageException">An option's value is not what it expects.</exception>
    /// <exception cref="StartException">It cannot listen, or the model cannot be loaded.</exception>
    public static async Task<int> RunAsync(OptionValues values, CommandContext context)
    {
        var path = values.GetArgument(CommandLine.ModelArgument) ?? DefaultModel;
        var server = ReadServer(values, context);
        var model = ReadModel(values) with { MemoryLimit = context.MemoryLimit };
        var id = values.Get(RunOptions.ModelName);
        MemberRun.WarnIfOpen(server, context);
        try
        {
            await ServeAsync(path, id, server, model, context);
            return ExitCode.Success;
        }
        catch (OperationCanceledException) when (context.Terminated.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }

    private static async Task ServeAsync(
        string path, string? id, ApiServerOptions options, ModelOptions modelOptions, CommandContext context)
    {
        await using var server = ApiServer.Create(options, context.Time);
        await server.StartAsync(context.Terminated);
        await MemberRun.JoinAsync(server.Swarm, context);
        var started = context.Time.GetTimestamp();
        await using var model = await LoadAsync(path, id, modelOptions, server, context);
        ServerLog.ModelReady(server.Logger, model.Id, context.Time.GetElapsedTime(started).TotalSeconds);
        server.Models.Fill(model);
        await using var announcer = new ModelAnnouncer(
            server.Swarm,
            new ModelFacts(model.Id, "", SizeOf(path)),
            cancellation => context.IdentifyModel(path, Path.Combine(context.Folders.Configuration, "models.json"), cancellation),
            server.Logger);
        context.Output.WriteLine($"Serving {model.Id} with a context of {model.ContextLength} tokens");
        context.Output.WriteLine($"Listening on {server.Address.GetLeftPart(UriPartial.Authority)}");
        await MemberRun.UntilTerminatedAsync(context);
        // First, so that nobody sends requests any more.
        await server.Swarm.LeaveAsync();
        await server.StopAsync();
    }

    private static async Task<IServedModel> LoadAsync(
        string path, string? id, ModelOptions options, ApiServer server, CommandContext context)
    {
        try
        {
            return await LoadProgressView.RunAsync(context, Path.GetFileName(path), progress =>
                context.LoadModel(path, id, options, progress, server.Meters, context.Terminated));
        }
        catch (Exception exception) when (exception is GgufFormatException or EngineException or IOException or UnauthorizedAccessException)
        {
            var namesFile = exception.Message.Contains(path, StringComparison.Ordinal);
            throw new StartException(namesFile ? exception.Message : $"{path}: {exception.Message}", exception);
        }
        catch (OutOfMemoryException exception)
        {
            throw new StartException($"{path}: not enough memory for this model, this context and this number of sequences", exception);
        }
    }

    private static long SizeOf(string path)
    {
        try
        {
            return new FileInfo(path).Length;
        }
        catch (Exception exception) when (exception is IOException or ArgumentException)
        {
            return 0;
        }
    }

    private static ApiServerOptions ReadServer(OptionValues values, CommandContext context) => new()
    {
        Swarm = MemberRun.Setup(values, context, settings => settings with
        {
            Roles = [NodeRole.Head],
            Device = values.Find(RunOptions.Device)?.Texts[^1] ?? RunOptions.Device.DefaultText!,
        }),
        Address = values.Get(RunOptions.Address)!,
        ApiKeys = values.GetAll(RunOptions.ApiKeys),
        LogLevel = values.Get(RunOptions.Log),
    };

    private static ModelOptions ReadModel(OptionValues values) => new()
    {
        ContextLength = values.Get(RunOptions.Context),
        Threads = values.Get(RunOptions.Threads),
        Device = values.Get(RunOptions.Device),
        Kernels = values.Get(RunOptions.Kernels),
        KvType = values.Get(RunOptions.Kv),
        PrefixCache = values.Get(RunOptions.PrefixCache),
        ChatTemplate = values.Get(RunOptions.ChatTemplateFile) is { } file ? ReadTemplate(file) : null,
    };

    private static string ReadTemplate(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"the chat template '{path}' cannot be read: {exception.Message}", exception);
        }
    }
}
