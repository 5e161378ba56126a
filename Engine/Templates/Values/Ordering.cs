using ManagedSwarm.Engine.Templates.Runtime;

namespace ManagedSwarm.Engine.Templates.Values;

/// <summary>Python's <c>&lt;</c> and <c>sorted()</c>.</summary>
internal static class Ordering
{
    /// <param name="symbol">The operator that the template wrote, for the message.</param>
    public static bool IsLess(Value left, Value right, RenderState state, string symbol = "<") =>
        Compare(left, right, state, symbol) is int order && order < 0;

    public static bool IsLessOrEqual(Value left, Value right, RenderState state, string symbol = "<=") =>
        Compare(left, right, state, symbol) is int order && order <= 0;

    /// <summary>A stable merge sort that asks nothing of the order but an answer: it ends for any.</summary>
    public static List<Value> Sort(IReadOnlyList<Value> items, Func<Value, Value> key, bool isDescending, RenderState state)
    {
        var keys = items.Select(key).ToArray();
        var order = Enumerable.Range(0, keys.Length).ToArray();
        var merged = new int[keys.Length];
        Func<int, int, bool> goesBefore = isDescending
            ? (l, r) => IsLess(keys[l], keys[r], state)
            : (l, r) => IsLess(keys[r], keys[l], state);
        for (var width = 1; width < order.Length; width *= 2)
        {
            for (var start = 0; start < order.Length; start += 2 * width)
            {
                Merge(order, merged, start, Math.Min(start + width, order.Length), Math.Min(start + (2 * width), order.Length), goesBefore);
            }

            (order, merged) = (merged, order);
        }

        return [.. order.Select(i => items[i])];
    }

    /// <summary>Merges two neighbouring runs; on equal keys the left run, which came first, goes first.</summary>
    private static void Merge(int[] from, int[] to, int start, int middle, int end, Func<int, int, bool> rightGoesBefore)
    {
        var (left, right) = (start, middle);
        for (var at = start; at < end; at++)
        {
            var takeRight = left >= middle || (right < end && rightGoesBefore(from[left], from[right]));
            to[at] = takeRight ? from[right++] : from[left++];
        }
    }

    /// <summary>Null: not ordered (NaN).</summary>
    private static int? Compare(Value left, Value right, RenderState state, string symbol)
    {
        state.Step();
        RenderState.CheckStack();
        switch (left, right)
        {
            case (UndefinedValue undefined, _):
                throw undefined.Fault();
            case (_, UndefinedValue undefined):
                throw undefined.Fault();
            case (StringValue l, StringValue r):
                state.Scan(Math.Min(l.Text.Length, r.Text.Length));
                return CodePoints.Compare(l.Text, r.Text);
            case (ListValue l, ListValue r):
                return CompareItems(l.Items, r.Items, state, symbol);
            case (TupleValue l, TupleValue r):
                return CompareItems(l.Items, r.Items, state, symbol);
            case (BoolValue or IntValue or FloatValue, BoolValue or IntValue or FloatValue):
                return Equality.CompareNumbers(left, right);
            default:
                throw TemplateFault.Type($"'{symbol}' not supported between instances of '{left.TypeName}' and '{right.TypeName}'");
        }
    }

    /// <summary>The first unequal elements decide; equal ones need not have an order.</summary>
    private static int? CompareItems(IReadOnlyList<Value> left, IReadOnlyList<Value> right, RenderState state, string symbol)
    {
        for (var i = 0; i < Math.Min(left.Count, right.Count); i++)
        {
            if (!ReferenceEquals(left[i], right[i]) && !Equality.AreEqual(left[i], right[i], state))
            {
                return Compare(left[i], right[i], state, symbol);
            }
        }

        return left.Count.CompareTo(right.Count);
    }
}
