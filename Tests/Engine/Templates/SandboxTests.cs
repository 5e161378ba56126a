using System.Reflection;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Tests.Engine.Templates;

/// <summary>What a template cannot reach.</summary>
public class SandboxTests
{
    [Theory]
    [InlineData("[1].append(2)", "append")]
    [InlineData("[1].pop()", "pop")]
    [InlineData("[1].extend([2])", "extend")]
    [InlineData("[1].insert(0, 1)", "insert")]
    [InlineData("[1].remove(1)", "remove")]
    [InlineData("[1].clear()", "clear")]
    [InlineData("[1].sort()", "sort")]
    [InlineData("[1].reverse()", "reverse")]
    [InlineData("{'a': 1}.update(b=2)", "update")]
    [InlineData("{'a': 1}.pop('a')", "pop")]
    [InlineData("{'a': 1}.popitem()", "popitem")]
    [InlineData("{'a': 1}.clear()", "clear")]
    [InlineData("{'a': 1}.setdefault('b', 2)", "setdefault")]
    public void Nothing_can_be_changed(string call, string method) =>
        Assert.Contains($"SecurityError: access to attribute '{method}'", Rendering.Fail($"{{{{ {call} }}}}"), StringComparison.Ordinal);

    [Theory]
    [InlineData("''.__class__.__mro__")]
    [InlineData("[].__class__.__base__.__subclasses__()")]
    [InlineData("range.__init__.__globals__")]
    [InlineData("namespace().__class__.mro()")]
    [InlineData("'{0.__class__.__init__}'.format(1)")]
    [InlineData("''.GetType().Assembly")]
    [InlineData("messages.Length.ToString()")]
    [InlineData("raise_exception.__globals__['os']")]
    [InlineData("cycler.__init__.__globals__.os.popen('id')")]
    [InlineData("(1).GetType()")]
    [InlineData("'%(x.__class__)s' % {'x': 1}")]
    public void There_is_no_way_out(string expression) => Rendering.Fail($"{{{{ {expression} }}}}", """{"messages": [1]}""");

    [Fact]
    public void The_set_of_values_is_closed()
    {
        var values = typeof(Value).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Value)) && !type.IsAbstract).ToList();
        Assert.All(values, type => Assert.True(type.IsSealed && !type.IsPublic, type.Name));
        var held = values.SelectMany(type => type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public));
        Assert.DoesNotContain(held, field => field.FieldType == typeof(object) || typeof(MemberInfo).IsAssignableFrom(field.FieldType));
    }

    [Fact]
    public void A_private_attribute_of_a_namespace_is_hidden() =>
        Assert.Equal("||True", Rendering.Render("{% set ns = namespace(_a=1) %}{{ ns._a }}|{{ ns['_a'] }}|{{ ns._a is undefined }}"));
}
