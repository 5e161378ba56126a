using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Libp2p;
using Microsoft.Extensions.Logging;

namespace ManagedSwarm.Transport.Diagnostics;

internal static partial class TransportLog
{
    [LoggerMessage(3100, LogLevel.Information, "{Head} asks for layers {Layers} of '{Model}'; they take {Memory} bytes")]
    public static partial void StageAccepted(ILogger logger, PeerId head, string model, LayerRange layers, long memory);

    [LoggerMessage(3101, LogLevel.Warning, "What {Head} asks for is refused: {Code}: {Reason}")]
    public static partial void StageRefused(ILogger logger, PeerId head, string code, string reason);

    [LoggerMessage(3102, LogLevel.Information, "Layers {Layers} of '{Model}' are gone: {Code}: {Reason}")]
    public static partial void StageEnded(ILogger logger, string model, LayerRange layers, string code, string reason);

    [LoggerMessage(3103, LogLevel.Debug, "Layers {Layers} could not compute step {Step}: {Code}: {Reason}")]
    public static partial void StepFailed(ILogger logger, LayerRange layers, long step, string code, string reason);

    [LoggerMessage(3104, LogLevel.Warning, "The stages of '{Model}' are over: {Code}: {Reason}")]
    public static partial void ChainOver(ILogger logger, string model, string code, string reason);

    [LoggerMessage(3105, LogLevel.Error, "Layers {Layers} failed in a way that nobody expected")]
    public static partial void StageBroken(ILogger logger, Exception exception, LayerRange layers);

    [LoggerMessage(3106, LogLevel.Error, "A handler of a change of stages failed")]
    public static partial void StageHandlerFailed(ILogger logger, Exception exception);

    [LoggerMessage(3125, LogLevel.Warning, "A stage of '{Model}' is lost, {Stage}: {Code}: {Reason}; others are to take its layers")]
    public static partial void StageLost(ILogger logger, string model, string stage, string code, string reason);

    [LoggerMessage(3126, LogLevel.Warning, "Layers of '{Model}' could not be handed over from {Stage}: {Code}: {Reason}")]
    public static partial void HandOverFailed(ILogger logger, string model, string stage, string code, string reason);

    [LoggerMessage(3128, LogLevel.Warning, "Keys and values of layers {Layers} of '{Model}' do not come from those that had them: {Code}: {Reason}; they are computed anew")]
    public static partial void NotTaken(ILogger logger, string model, LayerRange layers, string code, string reason);

    [LoggerMessage(3127, LogLevel.Warning, "'{Model}': {Warning}")]
    public static partial void StageDiffers(ILogger logger, string model, string warning);
}
