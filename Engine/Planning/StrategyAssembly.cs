using System.Reflection;
using System.Runtime.Loader;

namespace ManagedSwarm.Engine.Planning;

/// <summary>Strategies of a user's, from an assembly that references this one. It runs with all rights of the program.</summary>
public static class StrategyAssembly
{
    private const string Code = "strategy_assembly";

    /// <summary>All its public implementations of <see cref="ISplitStrategy"/> with a constructor without parameters, by their names.</summary>
    /// <exception cref="EngineException">
    /// <c>file_not_found</c>; <c>strategy_assembly</c>: it is none, or has none, or they cannot be made.
    /// </exception>
    public static IReadOnlyList<ISplitStrategy> Load(string path)
    {
        if (!File.Exists(path))
        {
            throw new EngineException("file_not_found", $"there is no strategy assembly '{path}'");
        }

        try
        {
            var full = Path.GetFullPath(path);
            var types = new IsolatedContext(full).LoadFromAssemblyPath(full).GetExportedTypes();
            ISplitStrategy[] strategies = [.. types.Where(IsStrategy).Select(Make).OrderBy(strategy => strategy.Name, StringComparer.Ordinal)];
            RequireNames(path, strategies);
            return strategies;
        }
        catch (TargetInvocationException exception)
        {
            var cause = exception.InnerException ?? exception;
            throw Refuse(path, $"a constructor failed: {cause.GetType().Name}: {cause.Message}", exception);
        }
        catch (BadImageFormatException exception)
        {
            throw Refuse(path, "it is no .NET assembly", exception);
        }
        catch (Exception exception) when (exception is not EngineException)
        {
            // Code that is not ours has run: anything can have happened.
            throw Refuse(path, $"it cannot be loaded, or was made for another version of this program: {exception.Message}", exception);
        }
    }

    private static bool IsStrategy(Type type) =>
        type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false }
        && type.IsAssignableTo(typeof(ISplitStrategy))
        && type.GetConstructor(Type.EmptyTypes) is not null;

    private static ISplitStrategy Make(Type type) => (ISplitStrategy)Activator.CreateInstance(type)!;

    private static void RequireNames(string path, ISplitStrategy[] strategies)
    {
        if (strategies.Length == 0)
        {
            throw Refuse(
                path,
                $"it has no public class that implements {typeof(ISplitStrategy).FullName} (of this version) and has a constructor without parameters");
        }

        var taken = SplitStrategies.BuiltIn.Select(strategy => strategy.Name).Append(new ManualStrategy([]).Name).ToHashSet(StringComparer.Ordinal);
        foreach (var strategy in strategies)
        {
            if (string.IsNullOrEmpty(strategy.Name) || strategy.Name.Any(c => c is <= ' ' or ',' || char.IsControl(c)))
            {
                throw Refuse(path, $"{strategy.GetType()} has the name '{strategy.Name}'; expected some characters without spaces and commas");
            }

            if (!taken.Add(strategy.Name))
            {
                throw Refuse(path, $"{strategy.GetType()} has the name '{strategy.Name}', which another strategy has");
            }
        }
    }

    private static EngineException Refuse(string path, string why, Exception? inner = null) => new(Code, $"strategy assembly '{path}': {why}", inner);

    /// <summary>What the assembly brings along is its own; what the program has (this assembly above all) it shares.</summary>
    private sealed class IsolatedContext(string path) : AssemblyLoadContext(Path.GetFileName(path), isCollectible: true)
    {
        private readonly AssemblyDependencyResolver? _resolver = TryResolve(path);

        protected override Assembly? Load(AssemblyName assemblyName)
        {
            var own = typeof(ISplitStrategy).Assembly;
            return assemblyName.Name == own.GetName().Name ? own
                : Default.Assemblies.Any(known => known.GetName().Name == assemblyName.Name) ? null
                : _resolver?.ResolveAssemblyToPath(assemblyName) is { } found ? LoadFromAssemblyPath(found)
                : null;
        }

        private static AssemblyDependencyResolver? TryResolve(string path)
        {
            try
            {
                return new(path);
            }
            catch (InvalidOperationException)
            {
                // It lists no dependencies: then it has none that the program has not.
                return null;
            }
        }
    }
}
