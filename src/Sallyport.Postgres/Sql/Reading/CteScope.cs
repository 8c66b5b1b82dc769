namespace Sallyport.Postgres.Sql;

/// <summary>The names of the common table expressions that are in sight, innermost last.</summary>
internal sealed class CteScope
{
    private readonly List<string> _names = [];

    /// <summary>Give this back to <see cref="Leave"/> when the query that opened names ends.</summary>
    public int Enter() => _names.Count;

    public void Open(string name) => _names.Add(name);

    public void Leave(int mark) => _names.RemoveRange(mark, _names.Count - mark);

    public bool Contains(string name) => _names.Contains(name);
}
