import { rspack } from '@rspack/core';
import path from 'node:path';

const root = import.meta.dirname;

/** The page of the hub's service: main.js, main.css, and pieces that load when they are needed. */
export default {
  mode: 'production',
  context: root,
  entry: { main: './lib/hub.js' },
  output: {
    path: path.join(root, 'hub-dist'),
    filename: '[name].js',
    chunkFilename: 'chunk-[contenthash:8].js',
    cssFilename: '[name].css',
    cssChunkFilename: 'chunk-[contenthash:8].css',
    assetModuleFilename: 'asset-[contenthash:8][ext]',
    publicPath: 'auto',
    clean: true
  },
  module: {
    rules: [{ test: /\.css$/, type: 'css' }]
  },
  devtool: false,
  performance: { hints: false },
  optimization: {
    minimizer: [
      new rspack.SwcJsMinimizerRspackPlugin(),
      new rspack.LightningCssMinimizerRspackPlugin({
        minimizerOptions: { targets: ['chrome >= 111', 'firefox >= 115', 'safari >= 16.4'] }
      })
    ]
  },
  plugins: [new rspack.DefinePlugin({ 'process.env.NODE_ENV': '"production"' })]
};
