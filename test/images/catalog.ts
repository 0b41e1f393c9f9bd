/** An image that the tests need. All of them are put together from Debian packages, so that no registry is asked. */
export interface TestImage {
  /** The first one names the image in messages. */
  tags: string[]
  /** Debian packages that are unpacked, dependencies included. */
  packages: string[]
  /** Files written after that, by absolute path. Those below a `bin` folder or ending in .sh are executable. */
  files: Record<string, string>
  /** Symbolic links, path to target. */
  links?: Record<string, string>
  /** Dockerfile instructions that `docker import` takes. */
  changes: string[]
}

/** busybox with everything its applets load: a shell, wget, nc, httpd, nslookup. */
const busyboxPackages = ['busybox', 'libc6']
const nginxPackages = ['nginx', 'nginx-common', 'libcrypt1', 'libpcre2-8-0', 'libssl3', 'zlib1g']
/** redis-server and what it loads; its program lies in redis-tools under another name. */
const redisPackages = [
  'redis-server',
  'redis-tools',
  'libatomic1',
  'libcap2',
  'libgcc-s1',
  'libgcrypt20',
  'libgpg-error0',
  'libhiredis0.14',
  'libjemalloc2',
  'liblua5.1-0',
  'liblz4-1',
  'liblzf1',
  'liblzma5',
  'libssl3',
  'libstdc++6',
  'libsystemd0',
  'libzstd1',
  'lua-bitop',
  'lua-cjson',
]
const bashPackages = ['bash', 'libtinfo6']

const accounts = {
  '/etc/passwd':
    'root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33::/var/www:/bin/false\n' +
    'nginx:x:101:101::/nonexistent:/bin/false\nnobody:x:65534:65534::/nonexistent:/bin/false\n',
  '/etc/group': 'root:x:0:\nwww-data:x:33:\nnginx:x:101:\nnogroup:x:65534:\n',
  '/etc/nsswitch.conf': 'hosts: files dns\n',
}

const path = 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

const nginxConfiguration = `user nginx;
worker_processes auto;
error_log /var/log/nginx/error.log notice;
pid /run/nginx.pid;
events { worker_connections 1024; }
http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  access_log /var/log/nginx/access.log;
  sendfile on;
  keepalive_timeout 65;
  include /etc/nginx/conf.d/*.conf;
}
`

const nginxServer = `server {
  listen 80;
  server_name localhost;
  location / {
    root /usr/share/nginx/html;
    index index.html;
  }
}
`

/** nginx laid out as the official image has it. The versions differ in their page and environment, not in the program. */
function nginx(version: string, tags: string[]): TestImage {
  return {
    tags,
    packages: [...busyboxPackages, ...bashPackages, ...nginxPackages],
    files: {
      ...accounts,
      '/etc/nginx/nginx.conf': nginxConfiguration,
      '/etc/nginx/conf.d/default.conf': nginxServer,
      '/usr/share/nginx/html/index.html': `<!DOCTYPE html>\n<title>Welcome to nginx!</title>\n<h1>Welcome to nginx!</h1>\n<p>version ${version}</p>\n`,
      '/docker-entrypoint.sh': '#!/bin/sh\nexec "$@"\n',
    },
    links: { '/var/log/nginx/access.log': '/dev/stdout', '/var/log/nginx/error.log': '/dev/stderr' },
    changes: [
      path,
      `ENV NGINX_VERSION=${version}`,
      'EXPOSE 80',
      'ENTRYPOINT ["/docker-entrypoint.sh"]',
      'CMD ["nginx", "-g", "daemon off;"]',
    ],
  }
}

/** An application as the seed documents have it: prints its environment, then serves a page that shows it. */
function application(tags: string[], port: number): TestImage {
  return {
    tags,
    packages: busyboxPackages,
    files: {
      ...accounts,
      '/app/start.sh':
        '#!/bin/sh\nenv | sort\nmkdir -p /tmp/www/actuator/health\nenv | sort > /tmp/www/index.html\n' +
        'for page in healthz actuator/health/liveness actuator/health/readiness; do echo ok > /tmp/www/$page; done\n' +
        `exec httpd -f -v -p ${port} -h /tmp/www\n`,
    },
    changes: [path, `EXPOSE ${port}`, 'WORKDIR /app', 'CMD ["/app/start.sh"]'],
  }
}

export const testImages: TestImage[] = [
  {
    tags: ['busybox:latest', 'wheelhouse-test/busybox:latest'],
    packages: busyboxPackages,
    files: accounts,
    changes: [path, 'CMD ["sh"]'],
  },
  {
    // BusyBox's netcat of Debian has no UDP.
    tags: ['wheelhouse-test/netcat:latest'],
    packages: [...busyboxPackages, 'netcat-openbsd', 'libbsd0', 'libmd0'],
    files: accounts,
    changes: [path, 'CMD ["sh"]'],
  },
  {
    // Laid out as the official image: data in /data, which the user redis may write to.
    tags: ['redis:7', 'redis:7-alpine', 'redis:latest'],
    packages: [...busyboxPackages, ...redisPackages],
    files: {
      ...accounts,
      '/etc/passwd': `${accounts['/etc/passwd']}redis:x:999:999::/data:/bin/false\n`,
      '/usr/local/bin/docker-entrypoint.sh': '#!/bin/sh\nexec "$@"\n',
    },
    changes: [
      path,
      'VOLUME /data',
      'WORKDIR /data',
      'EXPOSE 6379',
      'ENTRYPOINT ["docker-entrypoint.sh"]',
      'CMD ["redis-server"]',
    ],
  },
  nginx('1.27', ['nginx:1.27', 'nginx:latest']),
  nginx('1.25', ['nginx:1.25']),
  application(['my-app:1.0', 'my-app:1.0.0', 'my-app:v1'], 8080),
  application(['paastakr/init:latest'], 8080),
  application(['paastakr/edu-msa-board:latest'], 28082),
]
