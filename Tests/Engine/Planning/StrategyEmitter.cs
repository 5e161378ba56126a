using System.Reflection;
using System.Reflection.Emit;
using ManagedSwarm.Engine.Planning;

namespace ManagedSwarm.Tests.Engine.Planning;

/// <summary>Writes assemblies with strategies, as a user would compile them.</summary>
internal static class StrategyEmitter
{
    private const MethodAttributes Implementation =
        MethodAttributes.Public | MethodAttributes.Virtual | MethodAttributes.Final | MethodAttributes.HideBySig | MethodAttributes.NewSlot;

    /// <summary>Writes an assembly whose strategies split as <see cref="EvenStrategy"/> does.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="strategies">The names of class and strategy, and whether the constructor throws.</param>
    /// <returns>The file.</returns>
    public static string Write(string folder, params (string Type, string Name, bool Throws)[] strategies)
    {
        var assembly = new PersistedAssemblyBuilder(new AssemblyName($"Strategies{Guid.NewGuid():N}"), typeof(object).Assembly);
        var module = assembly.DefineDynamicModule("Strategies");
        foreach (var (type, name, throws) in strategies)
        {
            var strategy = module.DefineType(type, TypeAttributes.Public | TypeAttributes.Class, typeof(object), [typeof(ISplitStrategy)]);
            WriteConstructor(strategy.DefineConstructor(MethodAttributes.Public, CallingConventions.HasThis, []).GetILGenerator(), throws);
            WriteName(strategy.DefineMethod("get_Name", Implementation, typeof(string), []).GetILGenerator(), name);
            WriteSplit(strategy.DefineMethod("Split", Implementation, typeof(SplitPlan), [typeof(SplitProblem)]).GetILGenerator());
            strategy.CreateType();
        }

        var path = Path.Combine(folder, "strategies.dll");
        assembly.Save(path);
        return path;
    }

    private static void WriteConstructor(ILGenerator code, bool throws)
    {
        if (throws)
        {
            code.ThrowException(typeof(InvalidOperationException));
        }

        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Call, typeof(object).GetConstructor(Type.EmptyTypes)!);
        code.Emit(OpCodes.Ret);
    }

    private static void WriteName(ILGenerator code, string name)
    {
        code.Emit(OpCodes.Ldstr, name);
        code.Emit(OpCodes.Ret);
    }

    private static void WriteSplit(ILGenerator code)
    {
        code.Emit(OpCodes.Newobj, typeof(EvenStrategy).GetConstructor(Type.EmptyTypes)!);
        code.Emit(OpCodes.Ldarg_1);
        code.Emit(OpCodes.Callvirt, typeof(EvenStrategy).GetMethod(nameof(EvenStrategy.Split))!);
        code.Emit(OpCodes.Ret);
    }
}
