namespace ManagedSwarm.Bench.Peers;

/// <summary>A llama.cpp (or a fork of it) that the user has built: where its llama-bench is.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="LlamaBench">The program; llama-batched-bench is looked for beside it.</param>
/// <param name="Arguments">More arguments for it.</param>
internal sealed record Peer(string Name, string LlamaBench, IReadOnlyList<string> Arguments)
{
    /// <summary>Where batches are measured, if it is there.</summary>
    public string? BatchedBench
    {
        get
        {
            // It may be named by a link, with its libraries and neighbours elsewhere.
            var target = File.ResolveLinkTarget(LlamaBench, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(LlamaBench);
            var path = Path.Combine(Path.GetDirectoryName(target)!, "llama-batched-bench" + Path.GetExtension(target));
            return File.Exists(path) ? path : null;
        }
    }

    /// <summary>
    /// The same arguments in llama-batched-bench's form: there <c>-rtr</c> (ik_llama.cpp's repacking at load) is a switch without a value.
    /// </summary>
    public IEnumerable<string> BatchedArguments =>
        Arguments.Where((argument, i) => i == 0 || Arguments[i - 1] is not ("-rtr" or "--run-time-repack") || argument is not "1");

    /// <summary><c>NAME=PATH</c>, or <c>NAME=PATH,ARGUMENTS</c> with spaces between arguments.</summary>
    /// <exception cref="ArgumentException">It is of another form, or there is no such file.</exception>
    public static Peer Parse(string text)
    {
        if (text.Split('=', 2) is not [{ Length: > 0 } name, var rest])
        {
            throw new ArgumentException($"--peer is '{text}'; expected is NAME=PATH or NAME=PATH,ARGUMENTS");
        }

        var parts = rest.Split(',', 2);
        if (!File.Exists(parts[0]))
        {
            throw new ArgumentException($"--peer {name}: there is no file '{parts[0]}'");
        }

        return new Peer(name, parts[0], parts.Length == 1 ? [] : parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>The environment variables that name peers.</summary>
    public static IReadOnlyList<string> Variables { get; } = ["LLAMA_BENCH", "IK_LLAMA_BENCH"];

    /// <summary>Those that environment variables name.</summary>
    public static IEnumerable<Peer> FromEnvironment()
    {
        if (Environment.GetEnvironmentVariable(Variables[0]) is { Length: > 0 } llama)
        {
            yield return Parse($"llama.cpp={llama}");
        }

        if (Environment.GetEnvironmentVariable(Variables[1]) is { Length: > 0 } ik)
        {
            yield return Parse(ik.Contains(',', StringComparison.Ordinal) ? $"ik_llama.cpp={ik}" : $"ik_llama.cpp={ik},-rtr 1");
        }
    }
}
