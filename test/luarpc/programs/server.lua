-- SPDX-License-Identifier: MIT
-- The assignment's server, as printed; the ports are published on stdout.
local luarpc = require "luarpc"
local arq_interface = arg[1]

myobj1 = { foo = 
             function (a, b, s)
               return a+b, "alo alo"
             end,
          boo = 
             function (n)
               return n
             end
        }
myobj2 = { foo = 
             function (a, b, s)
               return a-b, "tchau"
             end,
          boo = 
             function (n)
               return 1
             end
        }
-- cria servidores:
serv1 = luarpc.createServant (myobj1, arq_interface)
serv2 = luarpc.createServant (myobj2, arq_interface)
-- usa as infos retornadas em serv1 e serv2 para divulgar contato
-- (IP e porta) dos servidores
print(serv1.ip, serv1.port, serv2.ip, serv2.port)
io.stdout:flush()
-- vai para o estado passivo esperar chamadas:
luarpc.waitIncoming()
