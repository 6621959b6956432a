// pm2 start ecosystem.config.cjs        two processes that share one store
// pm2 reload skerry                     a new release, without a failed request
module.exports = {
  apps: [
    {
      name: 'skerry',
      script: './bin/skerry.js',
      args: 'serve',
      // The project's own Node, where `npm ci` has installed it.
      interpreter: 'node',
      exec_mode: 'cluster',
      instances: 2,
      wait_ready: true,
      listen_timeout: 8000,
      // Longer than Skerry takes to answer what is in flight and commit.
      kill_timeout: 9000,
      autorestart: true,
      // Lines of both processes in one file; docs/deploy/pm2.md says how to rotate it.
      merge_logs: true,
      log_date_format: 'YYYY-MM-DD HH:mm:ss Z',
      env: { NODE_ENV: 'development' },
      env_production: { NODE_ENV: 'production' },
    },
  ],
}
