/** What the builder of JupyterLab's extensions does not know: the graph layout is large, and loads late. */
module.exports = { performance: { hints: false } };
